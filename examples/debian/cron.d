# The other way to call terminbote once an hour, where there is no systemd. Switched off: take the
# `#` away from the last line, and leave terminbote.timer off.
MAILTO=root
# m h dom mon dow user  command
#7 *  *   *   *   root  /usr/sbin/terminbotectl --quiet

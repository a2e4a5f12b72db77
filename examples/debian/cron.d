# The other way to call terminbote once an hour, where there is no systemd. Switched off: take the
# `#` away from the last line. While terminbote.timer is on, that line does nothing.
MAILTO=root
# m h dom mon dow user  command
#7 *  *   *   *   root  /usr/sbin/terminbotectl --hourly

//! Stub.
use super::words::Lang;
use super::*;
pub struct JsonPrinter<'w> {
    w: &'w mut dyn std::io::Write,
}
impl<'w> JsonPrinter<'w> {
    pub fn new(w: &'w mut dyn std::io::Write, _l: Lang) -> Self {
        Self { w }
    }
}
impl Printer for JsonPrinter<'_> {
    fn begin(&mut self, h: &Heading) -> std::io::Result<()> {
        writeln!(self.w, "{} {:?} {:?} {:?}", h.at, h.result, h.reminder_window, h.confirmation_window)
    }
    fn message(&mut self, m: MessageReport) -> std::io::Result<()> {
        writeln!(self.w, "{m:#?}")
    }
    fn finish(&mut self, c: &Closing) -> std::io::Result<()> {
        writeln!(self.w, "{c:#?}")
    }
}

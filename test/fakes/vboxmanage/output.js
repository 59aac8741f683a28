/** Collects what a call prints; `crlf` ends lines as on Windows. */
export class Output {
  constructor() {
    this.stdout = '';
    this.stderr = '';
  }

  /** A line on stdout. */
  line(text) {
    this.stdout += `${text}\n`;
  }

  /** Progress as VBoxManage shows it: on stderr, all at once. */
  progress() {
    this.stderr += '0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n';
  }

  /** A line on stderr after `VBoxManage: `. */
  note(text) {
    this.stderr += `VBoxManage: ${text}\n`;
  }
}

/** What VBoxManage prints on stderr instead of doing something, and its exit status. */
export class Refusal extends Error {
  /**
   * @param {readonly string[]} lines each printed after `VBoxManage: error: `
   * @param {{ code?: number, before?: string, usage?: string, repeats?: boolean, tight?: boolean }} [more] `before` goes ahead of the lines as is; with
   *   `usage` (a verb) the banner precedes and that verb's usage follows
   */
  constructor(lines, more = {}) {
    super(lines[0] ?? '');
    this.lines = lines;
    this.code = more.code ?? 1;
    this.before = more.before ?? '';
    this.usage = more.usage;
    /** Whether the error stands again after the usage, as the real program repeats some of its errors. */
    this.repeats = more.repeats ?? false;
    /** Whether the usage follows the error without an empty line. */
    this.tight = more.tight ?? false;
  }
}

const codes = {
  VBOX_E_OBJECT_NOT_FOUND: '0x80bb0001',
  VBOX_E_INVALID_VM_STATE: '0x80bb0002',
  VBOX_E_FILE_ERROR: '0x80bb0004',
  VBOX_E_IPRT_ERROR: '0x80bb0005',
  VBOX_E_INVALID_OBJECT_STATE: '0x80bb0007',
  VBOX_E_OBJECT_IN_USE: '0x80bb000c',
  NS_ERROR_INVALID_ARG: '0x80070057',
  NS_ERROR_FAILURE: '0x80004005',
  NS_ERROR_NOT_IMPLEMENTED: '0x80004001',
  E_ACCESSDENIED: '0x80070005',
};

/**
 * An error of VirtualBox's COM interface as VBoxManage prints it.
 *
 * @param {string} text
 * @param {string} code a key of `codes`
 * @param {string} component such as `MachineWrap/IMachine`; a trailing `!` leaves out the callee
 * @param {string} [context] such as `FindMachine(...) at 363 of VBoxManageControlVM.cpp`
 * @param {{ code?: number, before?: string, after?: readonly string[] }} [more]
 */
export function comError(text, code, component, context, more = {}) {
  const [wrap, face = ''] = component.split('/');
  const callee = face.endsWith('!') ? '' : ', callee nsISupports';
  const details = `Details: code ${code} (${codes[code]}), component ${wrap}, interface ${face.replace('!', '')}${callee}`;
  return new Refusal([...text.split('\n'), details, ...contextLines(context), ...(more.after ?? [])], more);
}

/** A COM error of which only the code is known. */
export function bareError(code, meaning, context) {
  const text = `Code ${code} (${codes[code]}) - ${meaning} (extended info not available)`;
  return new Refusal([text, ...contextLines(context)]);
}

function contextLines(context) {
  const [, call, line, file] = /^(.*) at (\d+) of (\S+)$/s.exec(context ?? '') ?? [];
  return call === undefined ? [] : [`Context: "${call}" at line ${line} of file ${file}`];
}

/** A wrong command line: the banner, the error, and the usage of a verb after it. */
export function syntaxError(text, verb, more = {}) {
  return new Refusal([text], { code: 2, ...more, usage: verb });
}

/**
 * Puts text on the clipboard.
 *
 * @param what its name, for the message
 * @param say told how it went
 */
export function copy(text: string, what: string, say: (message: string) => void): void {
  // Absent on pages that are not served over HTTPS or from this machine.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  const writing = clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
  writing.then(
    () => say(`${what} copied`),
    () => say(`The browser did not allow copying. ${what}: ${text.length < 200 ? text : 'select it in the transcript'}`),
  );
}

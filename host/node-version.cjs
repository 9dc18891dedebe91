// Says which Node.js the project needs before anything fails for want of it. Plain JavaScript, as old versions read it.
'use strict';

/** Compares the first two numbers of versions such as `20.19` and `v22.1.0`: negative when the first is older. */
function compare(a, b) {
  var left = a.match(/\d+/g).map(Number);
  var right = b.match(/\d+/g).map(Number);
  return left[0] - right[0] || (left[1] || 0) - (right[1] || 0);
}

/**
 * What to tell whoever runs the project with a Node.js that is too old; null when it is not.
 *
 * @param {string} version as `process.version` has it
 * @param {string} range `engines.node` of package.json: `>=` and the oldest that will do
 * @param {string} program path of the Node.js that runs
 * @returns {string | null}
 */
function complaint(version, range, program) {
  var oldest = range.replace(/^>=\s*/, '');
  if (compare(version, oldest) >= 0) return null;
  return (
    'Node.js ' +
    oldest +
    ' or newer is needed. This is ' +
    version.replace(/^v/, '') +
    ' (' +
    program +
    ').\n' +
    'Install a newer one from https://nodejs.org/en/download, then do this again in a new terminal.\n'
  );
}

module.exports = {complaint: complaint};

const problem = complaint(process.version, require('../package.json').engines.node, process.execPath);
if (problem !== null) {
  process.stderr.write(problem);
  process.exit(1);
}

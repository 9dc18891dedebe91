// Runs a program of the project: node host/start.cjs FILE.ts [ARGUMENT…]. Or says that this Node.js is too old for it.
'use strict';

require('./node-version.cjs');
var path = require('path');
var url = require('url');

process.argv.splice(1, 2, path.resolve(process.argv[2]));
import('tsx')
  .then(() => import(url.pathToFileURL(process.argv[1]).href))
  .catch((error) => {
    process.stderr.write(
      error.code === 'ERR_MODULE_NOT_FOUND' && /'tsx'/.test(error.message)
        ? "The project's packages are not installed. Install them: npm ci\n"
        : String(error.stack || error) + '\n',
    );
    process.exit(1);
  });

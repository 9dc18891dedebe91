import {createHash} from 'node:crypto';
import {Parser} from 'htmlparser2';

/** Sources of a content security policy (CSP Level 3, section 6), without the inline scripts of a page. */
const policy: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  // The terminal writes its colours and cell sizes into a style element.
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
};

/** Types that make a script element a script; with any other it is a block of data, which no policy stops. */
const scriptTypes = new Set(['', 'module', 'text/javascript', 'application/javascript']);

type Findings = {
  /** Where the content of `<head>` begins. */
  readonly head: number;
  /** Text of the inline scripts. */
  readonly scripts: readonly string[];
};

function find(html: string): Findings {
  let head = -1;
  let script: string | undefined;
  const scripts: string[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'head' && head < 0) head = parser.endIndex + 1;
      if (name === 'script' && attributes.src === undefined && scriptTypes.has((attributes.type ?? '').toLowerCase())) script = '';
    },
    ontext(text) {
      if (script !== undefined) script += text;
    },
    onclosetag(name) {
      if (name !== 'script' || script === undefined) return;
      scripts.push(script);
      script = undefined;
    },
  });
  parser.end(html);
  return {head, scripts};
}

/**
 * A page with its content security policy as the first thing in `<head>`, so that it governs all that follows. The
 * page's own inline scripts are allowed by their hash.
 *
 * `frame-ancestors`, `report-uri` and `sandbox` have no effect in a meta element (CSP Level 3, section 3.3): a host
 * that can send headers may add them.
 *
 * @param html a whole document
 * @param file where the document is, for errors
 * @throws Error when the document has no `<head>` or already carries a policy
 */
export function withPolicy(html: string, file: string): string {
  const {head, scripts} = find(html);
  if (head < 0) throw new Error(`${file}: no <head> to put the content security policy into; is it a whole document?`);
  if (/http-equiv="?content-security-policy/i.test(html)) {
    throw new Error(`${file}: has a content security policy already; build into an empty folder`);
  }
  const hashes = [...new Set(scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`))];
  const content = Object.entries(policy)
    .map(([directive, sources]) => [directive, ...sources, ...(directive === 'script-src' ? hashes : [])].join(' '))
    .join('; ');
  return `${html.slice(0, head)}<meta http-equiv="Content-Security-Policy" content="${content}">${html.slice(head)}`;
}

/**
 * Adds what the browser knows of the system to a link that opens an issue (src/components/Unclear), at the moment when it is
 * followed: one listener for all of them. It goes into the field `machine` of .github/ISSUE_TEMPLATE/question.yml, where the
 * reader sees it before anything is sent.
 */
function addSystem({target}: Event): void {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[data-unclear]') : null;
  if (!link) return;
  const url = new URL(link.href);
  const {userAgent, platform} = navigator;
  url.searchParams.set('machine', `${userAgent}\nPlatform: ${platform}\nViewport: ${window.innerWidth} × ${window.innerHeight}`);
  link.href = url.href;
}

if (typeof document !== 'undefined') {
  // The middle button opens a link, too.
  for (const kind of ['click', 'auxclick']) document.addEventListener(kind, addSystem);
}

export {};

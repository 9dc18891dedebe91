import {useCallback, useEffect, useState} from 'react';

/**
 * Whether `root` fills the screen, and the function that toggles it.
 *
 * @param say told when the browser refuses
 */
export function useFullScreen(root: HTMLElement, say: (text: string) => void): [boolean, () => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const onChange = () => setFull(document.fullscreenElement === root);
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, [root]);
  const toggle = useCallback(() => {
    if (document.fullscreenElement === root) void document.exitFullscreen();
    else if (document.fullscreenEnabled) root.requestFullscreen().catch(() => say('The browser did not allow full screen'));
  }, [root, say]);
  return [full, toggle];
}

import {useCallback, useEffect, useState} from 'react';

/** A short message that goes away by itself, and the function that shows one. */
export function useNotice(): [string, (text: string) => void] {
  const [notice, setNotice] = useState({text: ''});
  useEffect(() => {
    if (!notice.text) return;
    const timer = setTimeout(() => setNotice({text: ''}), 4000);
    return () => clearTimeout(timer);
  }, [notice]);
  const say = useCallback((text: string) => setNotice({text}), []);
  return [notice.text, say];
}

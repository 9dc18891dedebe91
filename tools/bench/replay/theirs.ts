import {create, type Player} from 'asciinema-player';

import {serveBench} from './page.ts';

/** asciinema-player as its documentation mounts it, driven through its API. */
let player: Player;

serveBench({
  start: (container, cast) => {
    player = create(cast, container, {autoPlay: true, fit: false});
  },
  pause: () => void player.pause(),
  seek: (_container, time) => void player.seek(time),
  text: (container) => container.querySelector('.ap-term-text')?.textContent ?? '',
});

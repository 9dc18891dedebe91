export {Player, type PlayerProps, type Wish} from './Player.tsx';

export {Captions} from './Captions.tsx';
export {Failure} from './Failure.tsx';
export {Figure, type FigureProps} from './Figure.tsx';
export {Icon, type IconName} from './icons.tsx';
export {Hint, Idle} from './Idle.tsx';
export {momentHash, parseMomentHash} from './moment.ts';
export {Reserve} from './Reserve.tsx';

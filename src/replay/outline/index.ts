export {buildIndex, type IndexOptions} from './build.ts';
export {fingerprintOf} from './fingerprint.ts';
export {nearestKeyframe, stepsOf} from './lookup.ts';
export type {Command, Fingerprint, Keyframe, Marker, ReplayIndex, Screen, Step} from './types.ts';
export {posterHtml, posterTime} from './poster.ts';
export {transcriptHtml} from './transcript.ts';

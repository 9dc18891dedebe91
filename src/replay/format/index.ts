export type {Cast, CastEvent, CastHeader, CastLimits} from './types.ts';
export {CastError, CastWorkError} from './error.ts';
export {defaultLimits, parseCast, parseResize} from './parse.ts';
export {plainText, Sanitizer, type SanitizerOptions} from './sanitize.ts';
export {parseShellMark, shellMarksIn, type ShellMark} from './shell-marks.ts';
export {terminalBounds} from './bounds.ts';
export {WorkBudget, WorkCounter} from './work.ts';

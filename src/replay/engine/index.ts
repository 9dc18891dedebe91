export {createEngine, type Engine, type EngineOptions} from './engine.ts';
export type {Clock, EngineState, Screen} from './types.ts';

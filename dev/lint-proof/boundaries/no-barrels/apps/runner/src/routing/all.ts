// Wrong on purpose: whoever imports one thing from here loads them all, and cycles hide behind it.
export { createLane } from './lane.ts'
export { createSwitchboard } from './switchboard.ts'

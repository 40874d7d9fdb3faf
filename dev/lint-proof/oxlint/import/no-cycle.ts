// Wrong on purpose, together with no-cycle-back.ts: which of the two is complete when the other one runs?
import { back } from './no-cycle-back.ts'

export const forth = () => back

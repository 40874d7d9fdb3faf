import { forth } from './no-cycle.ts'

export const back = () => forth

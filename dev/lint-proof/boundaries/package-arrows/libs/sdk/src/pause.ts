// Wrong on purpose: the SDK would bring the manners of a server process into every browser.
import { systemClock } from '@stead/chassis'

export const pause = (ms: number) => systemClock.sleep(ms)

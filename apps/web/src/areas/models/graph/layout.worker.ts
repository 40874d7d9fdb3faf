import { arrange } from './arrange.ts'
import type { LayoutTask } from './layout.ts'

addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => postMessage(arrange(data)))

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/* Loaded before a process by --import, in each of its threads: SIGUSR2 then collects the garbage of all of them, so
 * that what is left resident is what is held and not what was not yet swept. */

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const threads = new BroadcastChannel('collect')
threads.onmessage = () => collect()
;(threads as unknown as { unref(): void }).unref()

if (isMainThread)
  process.on('SIGUSR2', () => {
    collect()
    threads.postMessage('now')
  })

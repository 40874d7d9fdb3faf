/** What a layout is made of, and what it says; plain data, so that it can be handed to a worker. */
export interface LayoutTask {
  readonly boxes: readonly { readonly id: string; readonly width: number; readonly height: number }[]
  readonly lines: readonly { readonly id: string; readonly from: string; readonly to: string }[]
  /** Downwards, or to the right. */
  readonly direction: 'down' | 'right'
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layout {
  /** Upper left corners, by id. */
  readonly places: Readonly<Record<string, Point>>
  /** Ends and bends, by id. */
  readonly routes: Readonly<Record<string, readonly Point[]>>
  readonly width: number
  readonly height: number
}

/** Beyond this it would keep a page from answering, so it is done beside it. */
const BESIDE_BEYOND = 300

/** Finds a place for every box, away from what is drawn now. */
export async function layOut(task: LayoutTask, signal: AbortSignal): Promise<Layout> {
  if (task.boxes.length <= BESIDE_BEYOND) {
    const { arrange } = await import('./arrange.ts')
    return arrange(task)
  }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
    const end = () => worker.terminate()
    signal.addEventListener('abort', end, { once: true })
    worker.addEventListener('message', ({ data }: MessageEvent<Layout>) => {
      end()
      resolve(data)
    })
    worker.addEventListener('error', (event) => {
      end()
      reject(new Error(event.message))
    })
    worker.postMessage(task)
  })
}

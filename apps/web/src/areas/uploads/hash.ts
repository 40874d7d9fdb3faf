import type { FromHash } from './hash.worker.ts'

/** `sha256:…` of a file, found beside the page. Rejects with the signal's reason, or when the file cannot be read. */
export function digestOf(file: File, onProgress: (done: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' })
    const end = () => {
      worker.terminate()
      signal.removeEventListener('abort', stop)
    }
    const stop = () => {
      end()
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', stop, { once: true })
    worker.addEventListener('message', ({ data }: MessageEvent<FromHash>) => {
      if (data.kind === 'progress') return onProgress(data.done)
      end()
      if (data.kind === 'digest') resolve(data.digest)
      else reject(new FileUnreadableError(file.name, data.message))
    })
    worker.addEventListener('error', () => {
      end()
      reject(new FileUnreadableError(file.name, ''))
    })
    worker.postMessage(file)
  })
}

/** The browser would not hand out the bytes: the file was changed, moved or taken away since it was chosen. */
export class FileUnreadableError extends Error {
  readonly file: string

  constructor(file: string, message: string) {
    super(message)
    this.name = 'FileUnreadableError'
    this.file = file
  }
}

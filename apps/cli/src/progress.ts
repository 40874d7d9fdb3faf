import type { Terminal } from './terminal.ts'
import { duration, plain, size } from './text.ts'

const REDRAW_MS = 100
const BAR = 24

export interface ByteProgress {
  add(bytes: number): void
  end(): void
}

type Place = Pick<Terminal, 'stderr' | 'now'>

/** A bar for bytes that move, on a terminal; elsewhere nothing. `total` may be unknown. */
export function showBytes({ stderr, now }: Place, label: string, total?: number): ByteProgress {
  if (!stderr.isTTY) return { add: () => {}, end: () => {} }
  const begun = now()
  let drawn = -Infinity
  let done = 0
  return {
    add(bytes) {
      done += bytes
      if (now() - drawn < REDRAW_MS) return
      drawn = now()
      redraw(stderr, byteLine(label, done, total, drawn - begun))
    },
    end: () => erase(stderr),
  }
}

/** `uploading  ██████──────  50 %  12.0 MiB of 24.0 MiB  6.0 MiB/s  2.0 s left`. */
export function byteLine(label: string, done: number, total: number | undefined, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0
  const speed = `${size(Math.round(rate))}/s`
  if (!total) return `${plain(label)}  ${size(done)}  ${speed}`
  const part = Math.min(1, done / total)
  const filled = Math.round(part * BAR)
  const left = rate > 0 ? `  ${duration(((total - Math.min(done, total)) / rate) * 1000)} left` : ''
  return `${plain(label)}  ${'█'.repeat(filled)}${'─'.repeat(BAR - filled)}  ${Math.floor(part * 100)} %  ${size(done)} of ${size(total)}  ${speed}${left}`
}

/** A line of counts on a terminal: `runs  120 of 3000  2 failed`; elsewhere nothing. */
export function showCount({ stderr, now }: Place): { tell(line: string): void; end(): void } {
  if (!stderr.isTTY) return { tell: () => {}, end: () => {} }
  let drawn = -Infinity
  return {
    tell(line) {
      if (now() - drawn < REDRAW_MS) return
      drawn = now()
      redraw(stderr, plain(line))
    },
    end: () => erase(stderr),
  }
}

/** Tells on a terminal for how long something without a measure has been going on. */
export function showWaiting({ stderr, now }: Place, label: string): { erase(): void; end(): void } {
  if (!stderr.isTTY) return { erase: () => {}, end: () => {} }
  const begun = now()
  const timer = setInterval(() => redraw(stderr, `${plain(label)}  ${duration(now() - begun)}`), REDRAW_MS)
  timer.unref()
  return {
    erase: () => erase(stderr),
    end() {
      clearInterval(timer)
      erase(stderr)
    },
  }
}

function redraw(stderr: Terminal['stderr'], line: string): void {
  // A line that wraps could not be erased again.
  stderr.write(
    `\r\u001b[2K${Array.from(line)
      .slice(0, Math.max(1, stderr.columns - 1))
      .join('')}`,
  )
}

const erase = (stderr: Terminal['stderr']) => stderr.write('\r\u001b[2K')

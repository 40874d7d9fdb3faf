import { useInfiniteQuery } from '@tanstack/react-query'
import { memo, useMemo, useState } from 'react'
import { Reading } from '../../live/reading.tsx'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Button } from '../../ui/button.tsx'
import { bytes } from '../../ui/numbers.ts'
import css from './files.module.css'
import type { FileSource, ViewProps } from './source.ts'
import { linesOf, PAGE_BYTES, pageOf, widthOf } from './text-page.ts'

/** Text with the numbers of its lines, read on in parts. All that is read is in the page, so that it can be searched. */
export function TextView({ source, path, size }: ViewProps) {
  const pages = useInfiniteQuery({
    queryKey: [...source.key, 'text', path, size],
    queryFn: ({ pageParam, signal }) => readPage(source, path, size, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next,
    gcTime: 60_000,
  })
  const [wraps, setWraps] = useState(true)
  const text = useMemo(() => pages.data?.pages.map((page) => page.text).join('') ?? '', [pages.data])
  const lines = useMemo(() => linesOf(text), [text])
  const read = pages.data?.pages.at(-1)?.end ?? 0
  return (
    <Reading of={pages} what={words.whatFile} rows={6}>
      {() => (
        <>
          <div className={css.bar}>
            <span className="dim num">{say(words.lines, { count: lines.length })}</span>
            <label className={css.check}>
              <input type="checkbox" checked={wraps} onChange={(event) => setWraps(event.target.checked)} />
              {words.wrap}
            </label>
          </div>
          <Lines lines={lines} wraps={wraps} label={say(words.content, { path })} />
          {pages.hasNextPage && (
            <div className={css.foot}>
              <span>
                {size === null
                  ? say(words.showingSome, { part: bytes(read) })
                  : say(words.showingPart, { part: bytes(read), size: bytes(size) })}
              </span>
              <Button size="small" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {words.showMore}
              </Button>
            </div>
          )}
        </>
      )}
    </Reading>
  )
}

async function readPage(source: FileSource, path: string, size: number | null, from: number, signal: AbortSignal) {
  const blob = await source.read(path, { range: [from, from + PAGE_BYTES], signal })
  const isLast = blob.size < PAGE_BYTES || (size !== null && from + blob.size >= size)
  const { text, used } = pageOf(new Uint8Array(await blob.arrayBuffer()), isLast)
  const end = from + used
  return { text, end, next: isLast && used === blob.size ? undefined : end }
}

const BLOCK = 250
const LINE_HEIGHT = 19

/** Numbered lines in blocks, of which the browser lays out those that are in sight. */
export function Lines({ lines, wraps, label }: { lines: readonly string[]; wraps: boolean; label: string }) {
  const width = useMemo(() => widthOf(lines), [lines])
  const digits = String(lines.length).length
  const blocks = Array.from({ length: Math.ceil(lines.length / BLOCK) }, (_, index) => index * BLOCK)
  return (
    <div className={`${css.text} ${wraps ? css.wraps : ''}`} tabIndex={0} role="region" aria-label={label}>
      <div style={wraps ? undefined : { minWidth: `calc(${width + digits}ch + 32px)` }}>
        {blocks.map((from) => (
          <Block key={from} from={from} text={lines.slice(from, from + BLOCK).join('\n')} digits={digits} />
        ))}
      </div>
    </div>
  )
}

// A block's text is compared as a whole: reading on does not draw again what is there.
const Block = memo(({ from, text, digits }: { from: number; text: string; digits: number }) => {
  const lines = text.split('\n')
  return (
    <div
      className={css.block}
      style={{ containIntrinsicHeight: `auto ${lines.length * LINE_HEIGHT}px`, ['--digits' as string]: `${digits}ch` }}
    >
      {lines.map((line, index) => (
        <div key={index} className={css.line} data-line={from + index + 1}>
          {line === '' ? '\n' : line}
        </div>
      ))}
    </div>
  )
})

import { useEffect, useMemo, useState } from 'react'
import { isNotFound, sentenceOf } from '../../live/failure.ts'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { Empty, Failure, Waiting } from '../../ui/waiting.tsx'
import { createCsvReader, delimiterOf, hasHeading } from './csv.ts'
import css from './files.module.css'
import { Grid } from './grid.tsx'
import { textOf } from './source.ts'
import type { ViewProps } from './source.ts'
import { TextView } from './text-view.tsx'

/** Separated values as a table, or as they are written. */
export function TableView(props: ViewProps) {
  const [how, setHow] = useState<'table' | 'text'>('table')
  const [tries, setTries] = useState(0)
  return (
    <>
      <div className={css.bar}>
        <Segmented
          label={words.how}
          value={how}
          options={[
            { value: 'table', label: words.asTable },
            { value: 'text', label: words.asText },
          ]}
          onChange={setHow}
        />
      </div>
      {how === 'table' ? (
        <Table key={tries} file={props} onRetry={() => setTries(tries + 1)} />
      ) : (
        <TextView {...props} />
      )}
    </>
  )
}

function Table({ file, onRetry }: { file: ViewProps; onRetry: () => void }) {
  const { rows, is, why } = useRows(file)
  const guess = useMemo(() => hasHeading(rows.slice(0, 20)), [rows])
  const [chosen, setChosen] = useState<boolean>()
  const isHeaded = chosen ?? guess
  const count = useMemo(() => rows.reduce((most, row) => Math.max(most, row.length), 0), [rows])
  const columns = useMemo(
    () =>
      Array.from(
        { length: count },
        (_, at) => (isHeaded ? rows[0]?.[at] : undefined) ?? say(words.nthColumn, { number: at + 1 }),
      ),
    [count, isHeaded, rows],
  )
  const body = useMemo(() => (isHeaded ? rows.slice(1) : rows), [rows, isHeaded])
  if (is === 'gone') return <Empty title={say(words.gone, { path: file.path })} says={words.goneSays} />
  if (is === 'failed') return <Failure what={words.whatFile} why={why} onRetry={onRetry} />
  if (rows.length === 0 && is === 'reading') return <Waiting what={words.whatFile} rows={6} />
  const told = say(words.rows, { count: body.length })
  return (
    <>
      <div className={css.bar}>
        <span className="dim num">
          {is === 'reading'
            ? say(words.stillRows, { rows: told })
            : is === 'cut'
              ? say(words.firstRows, { rows: told })
              : told}
          {', '}
          {say(words.columns, { count })}
        </span>
        <label className={css.check}>
          <input type="checkbox" checked={isHeaded} onChange={(event) => setChosen(event.target.checked)} />
          {words.heading}
        </label>
      </div>
      <Grid label={say(words.content, { path: file.path })} columns={columns} rows={body} />
    </>
  )
}

interface Rows {
  readonly rows: readonly (readonly string[])[]
  readonly is: 'reading' | 'whole' | 'cut' | 'failed' | 'gone'
  readonly why: string
}

/** The first rows come soon, the others in larger parts. */
const SLICES = { first: 1 << 19, largest: 8 << 20 }
const MOST_BYTES = 128 << 20
const MOST_ROWS = 500_000
const MOST_CELLS = 10_000_000

/** The rows, read slice by slice; those that are there are shown while others come. */
function useRows({ source, path, size, head }: ViewProps): Rows {
  const [read, setRead] = useState<Rows>({ rows: [], is: 'reading', why: '' })
  useEffect(() => {
    const { signal, stop } = stopping()
    const follow = async () => {
      const reader = createCsvReader(delimiterOf(path, textOf(head)))
      const decoder = new TextDecoder()
      const rows: string[][] = []
      let cells = 0
      const take = (more: string[][]) => {
        for (const row of more) {
          rows.push(row)
          cells += row.length
        }
      }
      let slice = SLICES.first
      for (let at = 0; ;) {
        const blob = await source.read(path, { range: [at, at + slice], signal })
        at += blob.size
        take(reader.push(decoder.decode(await blob.arrayBuffer(), { stream: true })))
        signal.throwIfAborted()
        if (blob.size < slice || (size !== null && at >= size)) break
        if (at >= MOST_BYTES || rows.length >= MOST_ROWS || cells >= MOST_CELLS)
          return setRead({ rows: rows.slice(0, MOST_ROWS), is: 'cut', why: '' })
        setRead({ rows: rows.slice(), is: 'reading', why: '' })
        slice = Math.min(slice * 2, SLICES.largest)
      }
      take([...reader.push(decoder.decode()), ...reader.end()])
      setRead({ rows, is: 'whole', why: '' })
    }
    follow().catch((error: unknown) => {
      if (!signal.aborted) setRead({ rows: [], is: isNotFound(error) ? 'gone' : 'failed', why: sentenceOf(error) })
    })
    return stop
  }, [source, path, size, head])
  return read
}

function stopping() {
  const controller = new AbortController()
  return { signal: controller.signal, stop: () => controller.abort() }
}

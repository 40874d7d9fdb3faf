import { useQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import { files as words } from '../../strings/files.ts'
import { say } from '../../strings/message.ts'
import { bytes } from '../../ui/numbers.ts'
import { Segmented } from '../../ui/segmented.tsx'
import css from './files.module.css'
import { Grid } from './grid.tsx'
import { isFolding, partsOf, readJson, tableOf, wordOf } from './json.ts'
import type { Json } from './json.ts'
import { textOf, wholeQuery } from './source.ts'
import type { ViewProps } from './source.ts'
import { TextView } from './text-view.tsx'
import { AsText, tried, Whole } from './whole.tsx'

const LARGEST = 8 << 20

/** JSON as a tree that folds, as a table where it is one, or as it is written. */
export function JsonView(props: ViewProps) {
  const isLarge = props.size !== null && props.size > LARGEST
  const reading = useQuery({
    ...wholeQuery(props, 'json', LARGEST, (read) => tried(() => readJson(textOf(read)))),
    enabled: !isLarge,
  })
  if (isLarge) return <AsText file={props} why={say(words.largeAsText, { limit: bytes(LARGEST) })} />
  return (
    <Whole of={reading} file={props}>
      {(read) =>
        read.is === 'made' ? (
          <Document json={read.content} file={props} />
        ) : (
          <AsText file={props} why={say(words.noJson, { why: read.why })} />
        )
      }
    </Whole>
  )
}

function Document({ json, file }: { json: Json; file: ViewProps }) {
  const table = useMemo(() => asCells(json), [json])
  const [how, setHow] = useState<'table' | 'folded' | 'text'>(table ? 'table' : 'folded')
  return (
    <>
      <div className={css.bar}>
        <Segmented
          label={words.how}
          value={how}
          options={[
            ...(table ? [{ value: 'table' as const, label: words.asTable }] : []),
            { value: 'folded', label: words.folded },
            { value: 'text', label: words.asText },
          ]}
          onChange={setHow}
        />
      </div>
      {how === 'text' ? (
        <TextView {...file} />
      ) : how === 'table' && table ? (
        <Grid label={say(words.content, { path: file.path })} columns={table.columns} rows={table.rows} />
      ) : (
        <div className={css.tall} tabIndex={0} role="region" aria-label={say(words.content, { path: file.path })}>
          <Node name={undefined} value={json} depth={0} />
        </div>
      )}
    </>
  )
}

function asCells(json: Json) {
  const table = tableOf(json)
  return table && { columns: table.columns, rows: table.rows.map((row) => row.map(cellOf)) }
}
const cellOf = (value: Json): string =>
  isFolding(value) ? JSON.stringify(value) : typeof value === 'string' ? value : wordOf(value)

const AT_ONCE = 100
const OPEN_UP_TO = 40

function Node({ name, value, depth }: { name: string | undefined; value: Json; depth: number }) {
  const parts = isFolding(value) ? partsOf(value) : undefined
  const [isOpen, setOpen] = useState(depth === 0 || (depth < 3 && (parts?.length ?? 0) <= OPEN_UP_TO))
  const [most, setMost] = useState(AT_ONCE)
  const label = name !== undefined && <span className={css.jsonName}>{name}: </span>
  if (!isFolding(value))
    return (
      <div className={css.json}>
        {label}
        <span className={typeof value === 'string' ? css.jsonText : css.jsonWord}>{wordOf(value)}</span>
      </div>
    )
  const count = parts!.length
  const isList = Array.isArray(value)
  if (count === 0)
    return (
      <div className={css.json}>
        {label}
        <span className="faint">{isList ? '[]' : '{}'}</span>
      </div>
    )
  return (
    <div className={css.json}>
      <button type="button" className={css.fold} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? <ChevronDown /> : <ChevronRight />}
        {label}
        <span className="faint">{say(isList ? words.items : words.names, { count })}</span>
      </button>
      {isOpen && (
        <div className={css.jsonParts}>
          {parts!.slice(0, most).map(([part, one]) => (
            <Node key={part} name={part} value={one} depth={depth + 1} />
          ))}
          {count > most && (
            <button type="button" className={css.fold} onClick={() => setMost(most + AT_ONCE * 5)}>
              {say(words.moreParts, { count: Math.min(count - most, AT_ONCE * 5) })}
            </button>
          )}
        </div>
      )}
    </div>
  )
}

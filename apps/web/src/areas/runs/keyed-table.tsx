import { Copy } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { ui } from '../../strings/ui.ts'
import { IconButton } from '../../ui/button.tsx'
import { CopyButton, copyText } from '../../ui/copy.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SearchBox } from '../../ui/search-box.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column, Sort } from '../../ui/table.tsx'
import { tell } from '../../ui/toast.tsx'
import { LongText } from './long-text.tsx'
import { matching } from './metric-groups.ts'
import css from './runs.module.css'
import { inOrder, tableText } from './keyed-rows.ts'
import type { KeyedRow } from './keyed-rows.ts'

interface KeyedTableProps {
  readonly title: string
  readonly search: string
  readonly none: string
  readonly rows: readonly KeyedRow[]
  /** How a value is shown; as its text without it. */
  readonly show?: (row: KeyedRow) => ReactNode
  readonly figures?: boolean
  readonly acts?: ReactNode
}

/** So many are in sight at a glance, and need no search. */
const FEW = 8

/** Names with their values: searched, sorted, copied. */
export function KeyedTable({ title, search, none, rows, show, figures = false, acts }: KeyedTableProps) {
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState('')
  const [sort, setSort] = useState<Sort>({ by: 'key', down: false })
  const shown = useMemo(() => {
    const keys = new Set(
      matching(
        rows.map(({ key }) => key),
        wanted,
      ),
    )
    return inOrder(
      rows.filter(({ key }) => keys.has(key)),
      sort,
    )
  }, [rows, wanted, sort])
  const columns = useMemo(() => columnsOf(figures, show), [figures, show])
  return (
    <Panel
      title={title}
      note={<span className="num">{say(words.count, { shown: shown.length, count: rows.length })}</span>}
      acts={
        <>
          {rows.length > FEW && <SearchBox label={search} value={text} onChange={setText} onSettled={setWanted} />}
          {rows.length > 0 && (
            <IconButton
              look="quiet"
              size="small"
              label={words.copyAll}
              icon={<Copy />}
              onClick={() => void copyText(tableText(shown)).then(() => tell(ui.copied))}
            />
          )}
          {acts}
        </>
      }
    >
      {shown.length > 0 ? (
        <Table label={title} columns={columns} rows={shown} keyOf={({ key }) => key} sort={sort} onSort={setSort} />
      ) : (
        <p className="pad dim">{rows.length === 0 ? none : say(words.noKey, { text: wanted })}</p>
      )}
    </Panel>
  )
}

function columnsOf(figures: boolean, show: KeyedTableProps['show']): Column<KeyedRow>[] {
  return [
    {
      id: 'key',
      title: words.key,
      sorts: true,
      phone: figures ? 'name' : 'line',
      width: '44%',
      cell: ({ key }) => <span className="wrap">{key}</span>,
    },
    {
      id: 'value',
      title: words.value,
      sorts: true,
      phone: figures ? 'state' : 'line',
      ...(figures ? { align: 'end' as const } : {}),
      cell: (row) => (
        <span className={`${css.value} ${figures ? css.figure : ''}`}>
          <span className={`wrap ${figures ? 'num' : ''}`}>{show ? show(row) : <LongText text={row.text} />}</span>
          <span className={css.onHover}>
            <CopyButton text={row.text} label={say(words.copyValue, { key: row.key })} />
          </span>
        </span>
      ),
    },
    ...(figures
      ? [
          {
            id: 'step',
            title: words.step,
            align: 'end' as const,
            width: '90px',
            phone: 'none' as const,
            sorts: true,
            cell: ({ step }: KeyedRow) => <span className="num">{step}</span>,
          },
        ]
      : []),
  ]
}

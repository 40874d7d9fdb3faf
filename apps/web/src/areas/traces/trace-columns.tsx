import type { Assessment, ProjectName, Trace, TraceId } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { grouped, say } from '../../strings/message.ts'
import { traces as words } from '../../strings/traces.ts'
import { duration } from '../../ui/numbers.ts'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { valueText } from './judged.ts'
import { nameOf, sessionOf, tokensOf, userOf } from './trace-facts.ts'
import { TraceState } from './trace-state.tsx'
import css from './traces.module.css'

type Selected = ReadonlySet<TraceId>

export function columnsOf(
  project: ProjectName,
  rows: readonly Trace[],
  selected: Selected,
  onSelect: (selected: Selected) => void,
): Column<Trace>[] {
  return [selection(rows, selected, onSelect), ...told(project)]
}

function selection(rows: readonly Trace[], selected: Selected, onSelect: (selected: Selected) => void): Column<Trace> {
  const all = rows.length > 0 && rows.every(({ id }) => selected.has(id))
  return {
    id: 'select',
    width: '36px',
    phone: 'tick',
    heading: '',
    title: (
      <input
        type="checkbox"
        aria-label={words.selectAll}
        checked={all}
        onChange={() => onSelect(all ? new Set() : new Set(rows.map(({ id }) => id)))}
      />
    ),
    cell: (trace) => (
      <label className={css.tick}>
        <input
          type="checkbox"
          aria-label={say(words.select, { name: nameOf(trace) })}
          checked={selected.has(trace.id)}
          onChange={() => {
            const next = new Set(selected)
            if (!next.delete(trace.id)) next.add(trace.id)
            onSelect(next)
          }}
        />
      </label>
    ),
  }
}

const told = (project: ProjectName): Column<Trace>[] => [
  {
    id: 'name',
    title: words.name,
    phone: 'name',
    cell: (trace) => (
      <Link to="/p/$project/traces/$trace" params={{ project, trace: trace.id }} className={`link ${css.name}`}>
        {nameOf(trace)}
      </Link>
    ),
  },
  { id: 'state', title: words.state, phone: 'state', cell: ({ state }) => <TraceState state={state} /> },
  { id: 'started', title: words.started, cell: ({ startedAt }) => <Ago at={startedAt} /> },
  {
    id: 'duration',
    title: words.duration,
    align: 'end',
    cell: ({ duration: took }) => <span className="num nowrap">{took === null ? words.none : duration(took)}</span>,
  },
  {
    id: 'tokens',
    title: words.tokens,
    align: 'end',
    cell: (trace) => {
      const tokens = tokensOf(trace)
      return <span className="num nowrap">{tokens === undefined ? words.none : grouped(tokens)}</span>
    },
  },
  {
    id: 'who',
    title: words.who,
    cell: (trace) => {
      const who = [sessionOf(trace), userOf(trace)].filter((one) => one !== undefined).join(', ')
      return who === '' ? <span className="faint">{words.none}</span> : <Preview text={who} />
    },
  },
  {
    id: 'request',
    title: words.request,
    phone: 'line',
    cell: ({ requestPreview }) => <Preview text={requestPreview} />,
  },
  {
    id: 'response',
    title: words.response,
    phone: 'line',
    cell: ({ responsePreview }) => <Preview text={responsePreview} />,
  },
  {
    id: 'assessments',
    title: words.assessments,
    phone: 'line',
    cell: ({ assessments }) => <Judged all={assessments.filter(({ valid }) => valid)} />,
  },
]

const MOST = 200

function Preview({ text }: { text: string | null }) {
  if (text === null || text === '') return <span className="faint not-on-phone">{words.none}</span>
  const shown = text.length > MOST ? `${text.slice(0, MOST).toWellFormed()}…` : text
  return (
    <span className={css.preview} title={shown}>
      {shown}
    </span>
  )
}

const FEW = 3

function Judged({ all }: { all: readonly Assessment[] }) {
  if (all.length === 0) return <span className="faint not-on-phone">{words.none}</span>
  const few = all.slice(0, FEW).map((one) => `${one.name} ${valueText(one)}`)
  return <Preview text={[...few, ...(all.length > FEW ? ['…'] : [])].join(', ')} />
}

import type { ExperimentSummary } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { experiments as words } from '../../strings/experiments.ts'
import { grouped, say } from '../../strings/message.ts'
import { StateWord } from '../../ui/state-mark.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { ExperimentActs } from './experiment-acts.tsx'
import { NOTE_TAG } from './experiment-asks.tsx'
import css from './experiments.module.css'

const NOTE_SHOWN = 160

export const experimentColumns = (
  project: string,
  onAsk: (ask: string, experiment: ExperimentSummary) => void,
): Column<ExperimentSummary>[] => [
  {
    id: 'name',
    title: words.columns.name,
    phone: 'name',
    cell: ({ id, name, tags }) => (
      <span className={css.name}>
        <Link to="/p/$project/experiments/$experiment" params={{ project, experiment: String(id) }}>
          {name}
        </Link>
        {tags[NOTE_TAG] !== undefined && (
          <small className="dim wrap">{tags[NOTE_TAG].slice(0, NOTE_SHOWN).split('\n')[0]}</small>
        )}
      </span>
    ),
  },
  {
    id: 'running',
    title: words.columns.running,
    phone: 'figure',
    cell: ({ running }) =>
      running === 0 ? (
        <span className="faint">–</span>
      ) : (
        <StateWord is="moving">{say(words.isRunning, { count: running })}</StateWord>
      ),
  },
  { id: 'runs', title: words.columns.runs, align: 'end', cell: ({ runs }) => grouped(runs) },
  {
    id: 'last',
    title: words.columns.last,
    align: 'end',
    cell: ({ lastRunAt }) =>
      lastRunAt === null ? <span className="faint">{words.noRun}</span> : <Ago at={lastRunAt} />,
  },
  {
    id: 'made',
    title: words.columns.made,
    align: 'end',
    cell: ({ createdAt }) => <Ago at={createdAt} />,
  },
  {
    id: 'acts',
    title: <span className="heard-only">{words.columns.acts}</span>,
    heading: words.columns.acts,
    align: 'end',
    phone: 'state',
    width: '52px',
    cell: (experiment) => <ExperimentActs experiment={experiment} onAsk={(ask) => onAsk(ask, experiment)} />,
  },
]

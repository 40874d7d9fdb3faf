import type { Deployment } from '@stead/contracts'
import { callers as words } from '../../strings/callers.ts'
import { show } from '../../strings/message.ts'
import { CopyField } from '../../ui/copy.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { useDeployment, withScheme } from './deployment-page.tsx'
import { Snippet } from './snippets.tsx'
import { LANGUAGES } from './snippets.ts'
import css from './callers-tab.module.css'

type Runner = Deployment['urls'][number]
type Header = keyof typeof words.headerSays

const SENT: readonly Header[] = ['stead-key', 'stead-timeout-ms', 'stead-idempotent']
const HEADERS = Object.keys(words.headerSays) as readonly Header[]

/** Where the deployment is called, how, and what may be said beside a request. */
export function CallersTab() {
  const deployment = useDeployment().data
  if (!deployment) return null
  return (
    <>
      <Panel title={words.runners} note={words.runnersNote}>
        {deployment.urls.length === 0 ? (
          <Empty title={words.noRunner} says={words.noRunnerSays} command={words.runnerCommand} />
        ) : (
          <Table
            label={words.runners}
            rows={deployment.urls}
            keyOf={({ runner }) => runner}
            columns={runnerColumns(deployment.name)}
          />
        )}
      </Panel>
      {deployment.urls.length > 0 && (
        <div className={css.languages}>
          {LANGUAGES.map((language) => (
            <Panel key={language} title={words.languages[language]} note={words.protocols[language]}>
              <Snippet deployment={deployment} language={language} />
            </Panel>
          ))}
        </div>
      )}
      <Panel title={words.headers} note={words.grpcHeaders}>
        <Table label={words.headers} rows={HEADERS} keyOf={(header) => header} columns={HEADER_COLUMNS} />
      </Panel>
      <p className="dim wrap">{show(words.kserve, { path: <code>{`/v1/models/${deployment.name}:predict`}</code> })}</p>
    </>
  )
}

const runnerColumns = (name: string): readonly Column<Runner>[] => [
  { id: 'runner', title: words.runner, phone: 'name', cell: ({ runner }) => <b className="wrap">{runner}</b> },
  {
    id: 'rest',
    title: words.rest,
    phone: 'line',
    cell: ({ rest }) => <CopyField text={`${withScheme(rest)}/v2/models/${name}/infer`} />,
  },
  { id: 'grpc', title: words.grpc, phone: 'line', cell: ({ grpc }) => <CopyField text={grpc} /> },
]

const HEADER_COLUMNS: readonly Column<Header>[] = [
  { id: 'header', title: words.header, phone: 'line', cell: (header) => <code>{header}</code> },
  {
    id: 'direction',
    title: words.direction,
    phone: 'line',
    cell: (header) => <span className="dim">{SENT.includes(header) ? words.sent : words.given}</span>,
  },
  { id: 'what', title: words.what, phone: 'line', cell: (header) => words.headerSays[header] },
]

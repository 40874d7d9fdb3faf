import type { Platform, RunnerStatus } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { Forbidden } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { platform as words } from '../../strings/platform.ts'
import { classOf } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { bytes, duration } from '../../ui/numbers.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Meter } from '../../ui/sparkline.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { Ago, useNow } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { AnyGarbagePanel } from '../garbage/garbage-panel.tsx'
import css from './platform.module.css'
import { platformQuery } from './platform.queries.ts'

/** What the installation stands on: runners with their health, and storage. */
export function PlatformPage() {
  const { because } = useMay('installation.inspect')
  return because === undefined ? <Whole /> : <Forbidden title={words.title} because={because} />
}

function Whole() {
  const reading = useQuery(platformQuery)
  return (
    <Page title={words.title} note={reading.data && <Running platform={reading.data} />}>
      <Reading of={reading} what={words.what} rows={6}>
        {(platform) => (
          <>
            <Panel title={words.runners}>
              {platform.runners.length === 0 ? (
                <Empty title={words.noRunners} says={words.noRunnersSays} command="stead runner" />
              ) : (
                <Table label={words.table} columns={COLUMNS} rows={platform.runners} keyOf={({ name }) => name} />
              )}
            </Panel>
            <div className={css.columns}>
              <Storage platform={platform} />
              <Panel title={words.backup} padded>
                <div className="stack">
                  <p className="dim">{words.backupSays}</p>
                  <div>
                    <a className={classOf('plain')} href="/api/v1/backup" download="stead-backup.tar">
                      <Download />
                      {words.backupAct}
                    </a>
                  </div>
                </div>
              </Panel>
              <AnyGarbagePanel />
            </div>
          </>
        )}
      </Reading>
    </Page>
  )
}

function Running({ platform: { version, startedAt } }: { platform: Platform }) {
  return <>{say(words.running, { version, time: duration(Math.max(useNow() - Date.parse(startedAt), 0)) })}</>
}

const COLUMNS: readonly Column<RunnerStatus>[] = [
  { id: 'name', title: words.columns.name, phone: 'name', cell: ({ name }) => <b className="wrap">{name}</b> },
  {
    id: 'state',
    title: words.columns.state,
    phone: 'state',
    cell: ({ connected }) =>
      connected ? (
        <StateWord is="serving">{words.connected}</StateWord>
      ) : (
        <StateWord is="attention">{words.away}</StateWord>
      ),
  },
  { id: 'rest', title: words.columns.rest, phone: 'line', cell: ({ rest }) => <Address text={rest} /> },
  { id: 'grpc', title: words.columns.grpc, phone: 'line', cell: ({ grpc }) => <Address text={grpc} /> },
  { id: 'runtimes', title: words.columns.runtimes, cell: ({ runtimes }) => runtimes.join(', ') },
  { id: 'frontEnds', title: words.columns.frontEnds, align: 'end', cell: ({ frontEnds }) => frontEnds },
  { id: 'engines', title: words.columns.engines, align: 'end', cell: ({ engines }) => <Engines engines={engines} /> },
  {
    id: 'memory',
    title: words.columns.memory,
    align: 'end',
    cell: ({ memory }) => (memory === null ? '–' : bytes(memory)),
  },
  { id: 'seen', title: words.columns.seen, align: 'end', cell: ({ seenAt }) => <Ago at={seenAt} /> },
]

function Address({ text }: { text: string }) {
  return (
    <span className="row">
      <code className="nowrap">{text}</code>
      <CopyButton text={text} />
    </span>
  )
}

function Engines({ engines }: Pick<RunnerStatus, 'engines'>) {
  const failed = engines.filter(({ state }) => state === 'failed').length
  if (failed === 0) return engines.length
  return <StateWord is="failed">{say(words.failedEngines, { count: failed, total: engines.length })}</StateWord>
}

function Storage({ platform: { artifacts, database, uploads } }: { platform: Platform }) {
  return (
    <Panel title={words.storage} padded>
      <div className="stack">
        <Facts>
          <Fact name={words.database}>
            {words.databaseKinds[database.kind]}
            {database.size !== null && `, ${bytes(database.size)}`}
          </Fact>
          <Fact name={words.artifacts}>
            {say(words.artifactCount, { count: artifacts.count })}, {bytes(artifacts.size)}
          </Fact>
          <Fact name={words.place}>
            {words.artifactKinds[artifacts.kind]}, <code>{artifacts.place}</code>
          </Fact>
          {artifacts.free !== null && <Fact name={words.free}>{bytes(artifacts.free)}</Fact>}
          <Fact name={words.uploads}>
            {uploads.count === 0
              ? words.noUploads
              : say(words.uploadCount, { count: uploads.count, size: bytes(uploads.size) })}
          </Fact>
        </Facts>
        {artifacts.free !== null && (
          <Meter
            label={`${words.artifacts} ${bytes(artifacts.size)}`}
            value={artifacts.size}
            max={artifacts.size + artifacts.free}
          />
        )}
        <small className="faint">{words.growSays}</small>
      </div>
    </Panel>
  )
}

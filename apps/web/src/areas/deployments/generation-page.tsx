import type { Deployment, GenerationRecord } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowLeft, Undo2 } from 'lucide-react'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import type { KnownChange } from '../../live/running.ts'
import { deployments as nouns } from '../../strings/deployments.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { Button, classOf } from '../../ui/button.tsx'
import { ChoiceField } from '../../ui/choice.tsx'
import { duration } from '../../ui/numbers.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { ago, Ago, useNow } from '../../ui/time.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { deploymentLink } from './change-address.ts'
import { TranscriptBody, useTranscript } from './change-told.tsx'
import { useDeployment, useDeploymentActs, useDeploymentName, useOpenDialog } from './deployment-page.tsx'
import { historyQuery } from './deployment.queries.ts'
import { DiffTable } from './generation-diff-table.tsx'
import { routesInWords } from './generation-diff.ts'
import { KindIcon } from './generation-kind.tsx'
import { generationQuery } from './generation.queries.ts'
import css from './generations-tab.module.css'
import { kindInWords } from './states.ts'

const words = tabs.generation

/** One generation: what it changed against another, who made it and why, and how it came to be. */
export function GenerationPage({ generation }: { generation: number }) {
  const project = useProject()
  const name = useDeploymentName()
  const { data: deployment } = useDeployment()
  const { against } = useSearch({ strict: false }) as { against?: string }
  const reading = useQuery(generationQuery(project, name, generation))
  const compared = Number(against ?? generation - 1)
  const other = useQuery(generationQuery(project, name, compared))
  const before = useQuery(generationQuery(project, name, generation - 1))
  const next = useQuery(generationQuery(project, name, generation + 1))
  return (
    <div className="stack">
      <Top generation={generation} compared={compared} deployment={deployment} />
      <Reading of={reading} what={words.one} rows={8}>
        {(record) =>
          record === null ? (
            <Panel>
              <Empty
                title={say(words.title, { generation: String(generation) })}
                says={say(words.notFound, { generation: String(generation), deployment: name })}
              />
            </Panel>
          ) : (
            <>
              <Panel title={say(words.title, { generation: String(generation) })} padded>
                <div className="stack">
                  <WhoAndWhy record={record} next={next.data ?? undefined} />
                  {other.data ? (
                    <Compared record={record} other={other.data} />
                  ) : (
                    generation === 1 && <p className="dim">{words.nothingBefore}</p>
                  )}
                </div>
              </Panel>
              <Panel title={words.transcript} padded>
                <Kept record={record} before={before.data ?? null} deployment={deployment} />
              </Panel>
            </>
          )
        }
      </Reading>
    </div>
  )
}

function Top({
  generation,
  compared,
  deployment,
}: {
  generation: number
  compared: number
  deployment: Deployment | undefined
}) {
  const project = useProject()
  const name = useDeploymentName()
  const navigate = useNavigate()
  const open = useOpenDialog()
  const { rollback } = useDeploymentActs()
  const now = useNow()
  const history = useQuery(historyQuery(project, name)).data?.generations ?? []
  const choices = history
    .filter((record) => record.generation !== generation)
    .map((record) => ({
      value: String(record.generation),
      label: <b className="num">g{record.generation}</b>,
      text: `g${record.generation} ${routesInWords(record)} ${record.reason}`,
      note: `${kindInWords(record.kind)}, ${routesInWords(record)}, ${ago(record.committedAt, now)}`,
    }))
  const isNow = deployment?.table.generation === generation
  return (
    <div className={css.top}>
      <Link {...deploymentLink(project, name, '/generations')} className={classOf()}>
        <ArrowLeft />
        {words.back}
      </Link>
      <div className={css.acts}>
        {choices.length > 0 && (
          <div className={css.against}>
            <ChoiceField
              label={words.against}
              value={choices.find(({ value }) => value === String(compared))}
              choices={choices}
              prompt={words.against}
              nothing={nouns.tabs.generations}
              onChange={(value) =>
                void navigate(deploymentLink(project, name, `/generations/${generation}`, { against: value }) as never)
              }
            />
          </div>
        )}
        {deployment && !isNow && (
          <Button icon={<Undo2 />} because={rollback} onClick={() => open('rollback', { to: String(generation) })}>
            {say(nouns.rollBackTo, { generation: String(generation) })}
          </Button>
        )}
      </div>
    </div>
  )
}

function WhoAndWhy({ record, next }: { record: GenerationRecord; next: GenerationRecord | undefined }) {
  const { kind, restores, actor, reason, committedAt } = record
  return (
    <Facts>
      <Fact name={words.kind}>
        <span className="row">
          <KindIcon kind={kind} />
          {kindInWords(kind)}
          {restores !== null && say(tabs.generations.restores, { generation: String(restores) })}
        </span>
      </Fact>
      <Fact name={words.who}>{actor}</Fact>
      <Fact name={words.why}>{reason || '–'}</Fact>
      <Fact name={words.when}>
        <Ago at={committedAt} />
        {'. '}
        <span className="dim">
          {next
            ? say(words.stood, { time: duration(Date.parse(next.committedAt) - Date.parse(committedAt)) })
            : words.stands}
        </span>
      </Fact>
    </Facts>
  )
}

/** Older on the left, whichever of the two the page is about. */
function Compared({ record, other }: { record: GenerationRecord; other: GenerationRecord }) {
  const [before, after] = other.generation < record.generation ? [other, record] : [record, other]
  return (
    <DiffTable
      before={before}
      after={after}
      beforeLabel={`g${before.generation}`}
      afterLabel={`g${after.generation}`}
    />
  )
}

function Kept({
  record,
  before,
  deployment,
}: {
  record: GenerationRecord
  before: GenerationRecord | null
  deployment: Deployment | undefined
}) {
  const project = useProject()
  const name = useDeploymentName()
  const change: KnownChange = changeOf(record, before, name)
  const told = useTranscript({ project, change, deployment })
  if (record.stages.length === 0) return <p className="dim">{words.noStages}</p>
  return (
    <div className="stack">
      <TranscriptBody project={project} change={change} told={told} />
    </div>
  )
}

/** A generation as the change that made it. Its stages tell when it must have begun. */
function changeOf(
  record: GenerationRecord,
  before: GenerationRecord | null,
  deployment: KnownChange['deployment'],
): KnownChange {
  const untilCommit = record.stages
    .filter(({ name }) => name === 'prepare' || name === 'commit')
    .reduce((sum, { ms }) => sum + ms, 0)
  const acknowledge = record.stages.find(({ name }) => name === 'acknowledge')?.ms ?? 0
  const committed = Date.parse(record.committedAt)
  return {
    id: record.change,
    deployment,
    kind: record.kind,
    before,
    after: record,
    reason: record.reason,
    actor: record.actor,
    startedAt: new Date(committed - untilCommit).toISOString(),
    committedAt: record.committedAt,
    endedAt: new Date(committed + acknowledge).toISOString(),
    stages: record.stages,
    failure: null,
    detached: [],
  }
}

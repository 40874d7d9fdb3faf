import type { Model, ServingSpan, Version } from '@stead/contracts'
import { useNavigate } from '@tanstack/react-router'
import { GitCompare } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { Button } from '../../ui/button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import chip from './alias-chip.module.css'
import { AliasDialog } from './alias-dialogs.tsx'
import type { AliasQuestion } from './alias-dialogs.tsx'
import { useAliasActs } from './use-alias-acts.ts'
import { useAliasDrag } from './use-alias-drag.ts'
import { versionColumns } from './version-columns.tsx'
import type { VersionRow } from './version-columns.tsx'

interface VersionsTableProps {
  readonly model: Model
  readonly versions: readonly Version[]
  readonly spans: readonly ServingSpan[]
  readonly onEnd: (() => void) | undefined
}

const NO_SPANS: readonly ServingSpan[] = []

/** A model's versions, the newest first, with the aliases that are moved among them. */
export function VersionsTable({ model, versions, spans, onEnd }: VersionsTableProps) {
  const project = useProject()
  const navigate = useNavigate()
  const acts = useAliasActs(project, model.name)
  const mayNot = { swap: useMay('deployment.swap').because, remove: useMay('version.delete').because }
  const [question, setQuestion] = useState<AliasQuestion>()
  const [ticked, setTicked] = useState<readonly number[]>([])
  const { drag, begin } = useAliasDrag((alias, from, to) => void acts.move(alias, from, to))
  const byVersion = Map.groupBy(spans, ({ version }) => Number(version))
  const rows = versions.map((version, index): VersionRow => ({
    version,
    before: versions[index + 1],
    spans: byVersion.get(version.version) ?? NO_SPANS,
  }))
  const go = (version: number, search: { against?: string; do?: string } = {}) =>
    void navigate({
      to: '/p/$project/models/$model/$version',
      params: { project, model: model.name, version: String(version) },
      search,
    })
  const toggle = (version: number) =>
    setTicked((before) =>
      before.includes(version) ? before.filter((one) => one !== version) : [...before.slice(-1), version],
    )

  const columns = versionColumns({
    project,
    model,
    isTicked: (version) => ticked.includes(version),
    toggle,
    grab: begin,
    remove: (alias, from) => void acts.remove(alias, from),
    ask: setQuestion,
    mayNot,
    go,
    swap: (deployment, version) =>
      void navigate({
        to: '/p/$project/deployments/$deployment',
        params: { project, deployment },
        search: { do: 'swap', to: String(version) },
      }),
  })
  const [one, other] = ticked.toSorted((a, b) => b - a)
  return (
    <Panel
      title={words.versions}
      note={<span className="not-on-phone">{words.dragHint}</span>}
      acts={
        one !== undefined && other !== undefined ? (
          <>
            <Button size="small" look="quiet" onClick={() => setTicked([])}>
              {words.clearTicks}
            </Button>
            <Button size="small" icon={<GitCompare />} onClick={() => go(one, { against: String(other) })}>
              {say(words.compare, { one, other })}
            </Button>
          </>
        ) : (
          versions.length > 1 && <small className="faint">{words.compareHint}</small>
        )
      }
    >
      <Table
        label={say(words.versionsOf, { model: model.name })}
        columns={columns}
        rows={rows}
        keyOf={({ version }) => String(version.version)}
        onOpen={({ version }) => go(version.version)}
        fixed
        rowHeight={38}
        {...(onEnd ? { onEnd } : {})}
        isSelected={({ version }) => ticked.includes(version.version)}
        classOf={({ version }) =>
          drag && drag.over === version.version && drag.over !== drag.from ? chip.target : undefined
        }
      />
      {drag && (
        <span className={chip.ghost} style={{ left: drag.x, top: drag.y }}>
          {say(words.alias, { alias: drag.alias })}
        </span>
      )}
      {question && <AliasDialog model={model} question={question} acts={acts} onClose={() => setQuestion(undefined)} />}
    </Panel>
  )
}

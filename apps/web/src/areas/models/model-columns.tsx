import type { Model } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { bytes } from '../../ui/numbers.ts'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { VersionName } from '../deployments/version.tsx'
import type { ModelRow } from './model-rows.ts'
import css from './models.module.css'
import { DeploymentLinks, ServesNow } from './serves-in.tsx'
import { inShort } from './signature-words.ts'

type Cell = Column<ModelRow>['cell']

/** A column that shows nothing in the rows that say where the other versions are. */
const cells =
  (
    model: (row: Extract<ModelRow, { kind: 'model' }>) => React.ReactNode,
    version: (row: Extract<ModelRow, { kind: 'version' }>) => React.ReactNode,
  ): Cell =>
  (row) =>
    row.kind === 'model' ? model(row) : row.kind === 'version' ? version(row) : null

export function columnsFor(project: string, onToggle: (model: string) => void): Column<ModelRow>[] {
  return [
    {
      id: 'model',
      title: words.columns.model,
      phone: 'line',
      width: '25%',
      cell: (row) => <NameCell row={row} project={project} onToggle={onToggle} />,
    },
    {
      id: 'latest',
      title: words.columns.latest,
      width: '11%',
      cell: cells(
        ({ model: { latest } }) =>
          latest ? (
            <span className={css.lines}>
              <b className="num">v{latest.version}</b>
              <small className="dim">
                <Ago at={latest.createdAt} />
              </small>
            </span>
          ) : (
            <span className="faint">{words.noVersions}</span>
          ),
        ({ version }) => (
          <span className="dim">
            <Ago at={version.createdAt} />
          </span>
        ),
      ),
    },
    {
      id: 'aliases',
      title: words.columns.aliases,
      width: '15%',
      cell: cells(
        ({ model }) => <AliasesOf model={model} />,
        ({ version }) => (
          <span className={css.aliases}>
            {version.aliases.map((alias) => (
              <span key={alias} className={css.tag} title={alias}>
                {say(words.alias, { alias })}
              </span>
            ))}
          </span>
        ),
      ),
    },
    {
      id: 'serves',
      title: words.columns.servesIn,
      width: '18%',
      cell: cells(
        ({ model }) => <DeploymentLinks project={project} names={model.deployments} />,
        ({ spans }) => <ServesNow project={project} spans={spans} />,
      ),
    },
    {
      id: 'signature',
      title: words.columns.signature,
      width: '13%',
      cell: cells(
        ({ model: { latest } }) =>
          latest && <span className="dim">{say(words.inOut, { inputs: latest.inputs, outputs: latest.outputs })}</span>,
        ({ version, before }) => <Against version={version} before={before} />,
      ),
    },
    {
      id: 'runtime',
      title: words.columns.runtime,
      width: '9%',
      cell: cells(
        ({ model }) => <span className="dim">{model.latest?.runtime ?? words.nothing}</span>,
        ({ version }) => <span className="dim">{version.runtime}</span>,
      ),
    },
    {
      id: 'size',
      title: words.columns.size,
      align: 'end',
      width: '9%',
      cell: cells(
        ({ model }) => (model.latest ? bytes(model.latest.size) : words.nothing),
        ({ version }) => bytes(version.size),
      ),
    },
  ]
}

function NameCell({ row, project, onToggle }: { row: ModelRow; project: string; onToggle: (model: string) => void }) {
  switch (row.kind) {
    case 'model': {
      const { name, description } = row.model
      const Chevron = row.isOpen ? ChevronDown : ChevronRight
      return (
        <span className={css.model}>
          <button
            type="button"
            className={css.twist}
            aria-expanded={row.isOpen}
            aria-label={say(row.isOpen ? words.hideVersions : words.showVersions, { model: name })}
            onClick={() => onToggle(name)}
          >
            <Chevron />
          </button>
          <span className={css.lines}>
            <Link to="/p/$project/models/$model" params={{ project, model: name }} className="cut" title={name}>
              {name}
            </Link>
            {description !== '' && (
              <small className="dim cut" title={description}>
                {description}
              </small>
            )}
          </span>
        </span>
      )
    }
    case 'version':
      return (
        <Link
          to="/p/$project/models/$model/$version"
          params={{ project, model: row.version.model, version: String(row.version.version) }}
          className={css.under}
        >
          <VersionName version={row.version.version} />
        </Link>
      )
    case 'reading':
      return <span className={`faint ${css.under}`}>…</span>
    case 'earlier':
      return (
        <Link
          to="/p/$project/models/$model"
          params={{ project, model: row.model.name }}
          className={`link ${css.under}`}
        >
          {say(words.earlier, { count: row.count })}
        </Link>
      )
  }
}

const SHOWN_ALIASES = 3

function AliasesOf({ model: { aliases } }: { model: Model }) {
  const all = Object.entries(aliases).toSorted(([, a], [, b]) => b - a)
  if (all.length === 0) return <span className="faint">{words.none}</span>
  return (
    <span className={css.several}>
      {all.slice(0, SHOWN_ALIASES).map(([alias, version]) => (
        <span key={alias} className={css.aliasOf}>
          <span className={css.tag} title={alias}>
            {say(words.alias, { alias })}
          </span>
          <span className="dim num">v{version}</span>
        </span>
      ))}
      {all.length > SHOWN_ALIASES && (
        <small className="faint">{say(words.moreDeployments, { count: all.length - SHOWN_ALIASES })}</small>
      )}
    </span>
  )
}

/** How a version's signature differs from that of the version before. */
export function Against({
  version,
  before,
}: {
  version: Parameters<typeof inShort>[0]
  before: Parameters<typeof inShort>[0] | undefined
}) {
  if (!before) return <span className="faint">{version.version === 1 ? words.first : words.nothing}</span>
  const { says, breaks } = inShort(before, version.signature)
  return <span className={breaks ? css.breaks : 'dim'}>{says}</span>
}

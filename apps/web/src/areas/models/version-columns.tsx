import type { Model, ServingSpan, Version } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { ArrowLeftRight, Ellipsis, GitCompare, Trash2 } from 'lucide-react'
import type { PointerEvent } from 'react'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { IconButton } from '../../ui/button.tsx'
import { Tick } from '../../ui/field.tsx'
import { Menu } from '../../ui/menu.tsx'
import type { MenuItem } from '../../ui/menu.tsx'
import { bytes } from '../../ui/numbers.ts'
import type { Column } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { VersionName } from '../deployments/version.tsx'
import { AddAlias, AliasChip } from './alias-chip.tsx'
import type { AliasQuestion } from './alias-dialogs.tsx'
import { Against } from './model-columns.tsx'
import css from './models.module.css'
import { ServesNow } from './serves-in.tsx'

export interface VersionRow {
  readonly version: Version
  readonly before: Version | undefined
  readonly spans: readonly ServingSpan[]
}

/** What the cells show and do besides their row. */
interface About {
  readonly project: string
  readonly model: Model
  readonly isTicked: (version: number) => boolean
  readonly toggle: (version: number) => void
  readonly grab: (event: PointerEvent, alias: string, from: number) => void
  readonly remove: (alias: string, from: number) => void
  readonly ask: (question: AliasQuestion) => void
  readonly go: (version: number, search: { against?: string; do?: string }) => void
  readonly swap: (deployment: string, version: number) => void
  /** Why whoever looks may not. */
  readonly mayNot: { readonly swap: string | undefined; readonly remove: string | undefined }
}

const MOST_SWAPS = 8

function itemsOf(version: number, before: number | undefined, { model, go, swap, mayNot }: About): MenuItem[] {
  return [
    ...model.deployments.slice(0, MOST_SWAPS).map((deployment) => ({
      label: say(words.swapInto1, { deployment }),
      icon: <ArrowLeftRight />,
      because: mayNot.swap,
      onSelect: () => swap(deployment, version),
    })),
    ...(before === undefined
      ? []
      : [
          {
            label: say(words.compare, { one: version, other: before }),
            icon: <GitCompare />,
            onSelect: () => go(version, { against: String(before) }),
          },
        ]),
    {
      label: words.deleteVersion,
      icon: <Trash2 />,
      danger: true,
      because: mayNot.remove,
      onSelect: () => go(version, { do: 'delete' }),
    },
  ]
}

/** The columns of a model's versions. */
export function versionColumns(about: About): Column<VersionRow>[] {
  const { project, model, isTicked, toggle, grab, remove, ask } = about
  return [
    {
      id: 'version',
      title: words.columns.version,
      phone: 'line',
      width: '11%',
      cell: ({ version: { version } }) => (
        <span className={css.tickAndName}>
          <Tick
            aria-label={say(words.tickVersion, { version })}
            checked={isTicked(version)}
            onChange={() => toggle(version)}
          />
          <Link
            to="/p/$project/models/$model/$version"
            params={{ project, model: model.name, version: String(version) }}
            data-version={version}
          >
            <VersionName version={version} />
          </Link>
        </span>
      ),
    },
    {
      id: 'made',
      title: words.columns.made,
      width: '11%',
      cell: ({ version }) => (
        <span className="dim">
          <Ago at={version.createdAt} />
        </span>
      ),
    },
    {
      id: 'aliases',
      title: words.columns.aliases,
      phone: 'line',
      width: '23%',
      cell: ({ version: { version, aliases } }) => (
        <span className={css.aliases}>
          {aliases.map((alias) => (
            <AliasChip
              key={alias}
              alias={alias}
              onGrab={(event) => grab(event, alias, version)}
              onMove={() => ask({ is: 'move', alias, from: version })}
              onRemove={() => remove(alias, version)}
            />
          ))}
          <AddAlias version={version} quiet onAdd={() => ask({ is: 'add', to: version })} />
        </span>
      ),
    },
    {
      id: 'serves',
      title: words.columns.servesIn,
      phone: 'line',
      width: '19%',
      cell: (row) => <ServesNow project={project} spans={row.spans} />,
    },
    {
      id: 'against',
      title: words.columns.against,
      width: '17%',
      cell: ({ version, before }) => <Against version={version} before={before} />,
    },
    {
      id: 'runtime',
      title: words.columns.runtime,
      width: '9%',
      cell: ({ version }) => <span className="dim">{version.runtime}</span>,
    },
    { id: 'size', title: words.columns.size, align: 'end', width: '9%', cell: ({ version }) => bytes(version.size) },
    {
      id: 'acts',
      title: <span className="heard-only">{words.columns.acts}</span>,
      heading: words.columns.acts,
      align: 'end',
      phone: 'line',
      width: '60px',
      cell: ({ version: { version }, before }) => (
        <Menu
          label={say(words.versionActs, { version })}
          trigger={
            <IconButton look="quiet" size="small" label={say(words.versionActs, { version })} icon={<Ellipsis />} />
          }
          items={itemsOf(version, before?.version, about)}
        />
      ),
    },
  ]
}

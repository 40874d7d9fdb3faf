import type { Run } from '@stead/contracts'
import { useNavigate } from '@tanstack/react-router'
import {
  Ellipsis,
  FolderInput,
  GitCompare,
  GitFork,
  PackagePlus,
  Pencil,
  RotateCcw,
  Square,
  Trash2,
} from 'lucide-react'
import { createElement } from 'react'
import type { ComponentType } from 'react'
import { useActs } from '../../frame/acts.tsx'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { frame } from '../../strings/frame.ts'
import { run as words } from '../../strings/run.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { useDo } from './use-do.ts'
import { useRunChanges } from './use-run-changes.ts'

interface RunAct {
  readonly id: string
  readonly label: string
  readonly icon: ComponentType
  readonly key?: string
  readonly because: string | undefined
  readonly danger?: boolean
  readonly run: () => void
}

/** What can be done with a run: in the menu, in the palette and by keys. */
export function RunActs({ run }: { run: Run }) {
  const acts = useRunActs(run)
  useActs(acts.map(({ icon, ...act }) => ({ ...act, icon: createElement(icon) })))
  const register = acts.find(({ id }) => id === 'register')
  return (
    <>
      {register && (
        <Button icon={<PackagePlus />} aria-label={register.label} because={register.because} onClick={register.run}>
          <span className="not-on-phone">{register.label}</span>
        </Button>
      )}
      <Menu
        label={frame.more}
        trigger={<IconButton label={frame.more} icon={<Ellipsis />} />}
        items={acts
          .filter(({ id }) => id !== 'register')
          .map(({ label, icon, because, danger = false, run: onSelect }) => ({
            label,
            icon: createElement(icon),
            because,
            danger,
            onSelect,
          }))}
      />
    </>
  )
}

function useRunActs(run: Run): readonly RunAct[] {
  const project = useProject()
  const open = useDo()
  const navigate = useNavigate()
  const changes = useRunChanges(run)
  const change = useMay('run.change').because
  const create = useMay('run.create').because
  const remove = useMay('run.delete').because
  const register = useMay('version.create').because
  const compare = (runs: readonly string[]) =>
    void navigate({
      to: '/p/$project/experiments/$experiment/compare',
      params: { project, experiment: String(run.experiment) },
      search: { runs: runs.join(',') },
    })
  const asks = (id: string, label: string, icon: ComponentType, because: string | undefined): RunAct => ({
    id,
    label,
    icon,
    because,
    run: () => open(id),
  })
  if (run.lifecycle === 'deleted')
    return [
      { ...asks('restore', words.restore, RotateCcw, remove), run: () => void changes.restore() },
      { ...asks('purge', words.purge, Trash2, remove), danger: true },
    ]
  const { parent } = run
  return [
    ...(run.status === 'RUNNING' || run.status === 'SCHEDULED' ? [asks('end', words.end, Square, change)] : []),
    asks('register', words.register, PackagePlus, register),
    asks('rename', words.rename, Pencil, change),
    ...(parent === null
      ? []
      : [
          {
            ...asks('compare', words.compareParent, GitCompare, undefined),
            key: 'c',
            run: () => compare([parent, run.id]),
          },
        ]),
    asks('fork', words.fork, GitFork, create),
    asks('move', words.move, FolderInput, change),
    { ...asks('delete', words.delete, Trash2, remove), danger: true, run: () => void changes.remove() },
    { ...asks('purge', words.purge, Trash2, remove), danger: true },
  ]
}

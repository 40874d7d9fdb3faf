import { deleteView, putView } from '@stead/contracts'
import type { ExperimentId } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { ChevronDown, Save, Trash2 } from 'lucide-react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { NameAsk } from '../../live/name-ask.tsx'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { tell } from '../../ui/toast.tsx'
import { viewsQuery } from './experiments.queries.ts'
import { documentOf } from './look.ts'
import type { LookInUse } from './use-look.ts'

/** Kept looks at the table: opened, saved, forgotten. */
export function ViewsMenu({ experiment, inUse }: { experiment: ExperimentId; inUse: LookInUse }) {
  const { views, view, isChanged, openView, look, asked, ask } = inUse
  const { save, forget } = useKeeping(experiment)
  const { because } = useMay('experiment.change')
  const name = view?.name
  const shown = name === undefined ? words.views : say(isChanged ? words.viewChanged : words.viewIs, { name })
  return (
    <>
      <Menu
        label={words.views}
        trigger={
          <Button aria-pressed={name !== undefined || undefined}>
            <span className="cut" style={{ maxWidth: 180 }}>
              {shown}
            </span>
            <ChevronDown />
          </Button>
        }
        items={[
          ...views.map((one) => ({
            label: one.name,
            ...(one.name === name ? { hint: words.chosen } : {}),
            onSelect: () => openView(one.name),
          })),
          ...(name === undefined ? [] : [{ label: words.noView, onSelect: () => openView(undefined) }]),
          ...(name !== undefined && isChanged
            ? [
                {
                  label: say(words.saveChanges, { name }),
                  icon: <Save />,
                  because,
                  onSelect: () => void save(name, documentOf(look)).then(() => openView(name), failed(name)),
                },
              ]
            : []),
          { label: words.saveView, icon: <Save />, because, onSelect: () => ask('view') },
          ...(name === undefined
            ? []
            : [
                {
                  label: say(words.deleteView, { name }),
                  icon: <Trash2 />,
                  because,
                  onSelect: () => {
                    const before = view?.document ?? {}
                    void forget(name).then(() => {
                      openView(undefined)
                      const undo = () => void save(name, before).catch(failed(name))
                      tell(say(words.viewDeleted, { name }), { undo })
                    }, failed(name))
                  },
                },
              ]),
        ]}
      />
      {asked === 'view' && (
        <ViewAsk
          onSave={async (next) => {
            await save(next, documentOf(look))
            tell(say(words.viewSaved, { name: next }))
            openView(next)
          }}
          onClose={() => ask(undefined)}
        />
      )}
    </>
  )
}

const failed = (name: string) => (error: unknown) =>
  tell(say(words.viewFailed, { name, why: sentenceOf(error) }), { failed: true })

function useKeeping(experiment: ExperimentId) {
  const project = useProject()
  const queries = useQueryClient()
  const stale = () => queries.invalidateQueries({ queryKey: viewsQuery(project, experiment).queryKey })
  return {
    async save(view: string, document: Readonly<Record<string, unknown>>) {
      await client.call(putView, {
        params: { project, experiment, view },
        body: { document: document as Record<string, string> },
      })
      await stale()
    },
    async forget(view: string) {
      await client.call(deleteView, { params: { project, experiment, view } })
      await stale()
    },
  }
}

function ViewAsk({ onSave, onClose }: { onSave: (name: string) => Promise<unknown>; onClose: () => void }) {
  const { because } = useMay('experiment.change')
  return (
    <NameAsk
      title={words.viewTitle}
      says={words.viewSays}
      act={words.viewAct}
      label={words.viewName}
      because={because}
      problemOf={viewProblem}
      onSubmit={(name) => onSave(name.trim())}
      onClose={onClose}
    />
  )
}

const viewProblem = (name: string) => (name.trim() === '' || name.trim().length > 100 ? words.viewNameRule : undefined)

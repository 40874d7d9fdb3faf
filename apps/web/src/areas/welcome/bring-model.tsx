import type { ProjectName } from '@stead/contracts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useMay } from '../../frame/may.ts'
import { say } from '../../strings/message.ts'
import { uploads as uploadWords } from '../../strings/uploads.ts'
import { welcome as words } from '../../strings/welcome.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { modelsQuery } from '../models/models.queries.ts'
import { DropZone } from '../uploads/drop-zone.tsx'
import { openPush, usePushes } from '../uploads/store.ts'
import type { Steps } from './use-steps.ts'
import css from './welcome.module.css'

const SHOWN = 6

/** Brings a model by dropping it, by the command line, or takes one that is there. */
export function BringModel({ project, steps }: { project: ProjectName; steps: Steps }) {
  const done = usePushes().find(({ state, request }) => state.is === 'done' && request.project === project)
  const { go } = steps
  const { because } = useMay('version.create')
  useEffect(() => {
    if (done?.state.is !== 'done') return
    go({
      step: 'signature',
      model: done.request.model,
      version: String(done.state.version),
      deployment: undefined,
    })
    // eslint-disable-next-line react/exhaustive-deps -- once for each that is done
  }, [done])
  const models = useInfiniteQuery(modelsQuery(project, '', false)).data?.pages[0]?.models ?? []
  const usable = models.filter(({ latest }) => latest !== null).slice(0, SHOWN)
  return (
    <>
      <p className="dim">{words.model.says}</p>
      {because === undefined ? (
        <DropZone says={words.model.drop} onFiles={(files) => openPush({ files })} />
      ) : (
        <p>{because}</p>
      )}
      <div className={css.part}>
        <h3>{words.model.command}</h3>
        <div className={css.boxed}>
          <CodeBlock label={words.model.command} text={uploadWords.command} />
        </div>
      </div>
      {usable.length > 0 && (
        <div className={css.part}>
          <h3>{words.model.here}</h3>
          <div className={css.models}>
            {usable.map(({ name, latest }) => (
              <Button
                key={name}
                className="wrap"
                onClick={() =>
                  go({ step: 'signature', model: name, version: String(latest?.version), deployment: undefined })
                }
              >
                <span className="cut">{name}</span> <span className="faint">v{latest?.version}</span>
              </Button>
            ))}
          </div>
        </div>
      )}
    </>
  )
}

export const cameOf = (version: { model: string; version: number; runtime: string }, size: string): string =>
  say(words.model.chosen, { model: version.model, version: version.version, runtime: version.runtime, size })

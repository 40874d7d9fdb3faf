import type { DeploymentName, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { isNotFound } from '../../live/failure.ts'
import { useWatch } from '../../live/live.tsx'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { welcome as words } from '../../strings/welcome.ts'
import { Button, classOf } from '../../ui/button.tsx'
import { deploymentQuery } from '../deployments/deployment.queries.ts'
import { Snippet } from '../deployments/snippets.tsx'
import { TryPanel } from '../deployments/try-panel.tsx'
import { openPush } from '../uploads/store.ts'
import type { Steps } from './use-steps.ts'
import css from './welcome.module.css'

/** The first answer: by a form, and by a command to be pasted. */
export function AskStep({
  project,
  deployment,
  steps,
}: {
  project: ProjectName
  deployment: DeploymentName
  steps: Steps
}) {
  const reading = useQuery(deploymentQuery(project, deployment))
  useWatch(project, deployment)
  if (isNotFound(reading.error))
    return (
      <div className={css.end}>
        <span className="wrap">{say(words.ask.gone, { name: deployment })}</span>
        <Button onClick={() => steps.go({ step: 'deploy', deployment: undefined })}>{words.steps.deploy}</Button>
      </div>
    )
  return (
    <>
      <p className="dim">{words.ask.says}</p>
      <Reading of={reading} what={words.ask.what} rows={5}>
        {(data) => (
          <>
            <TryPanel deployment={data} />
            <div className={css.part}>
              <h3>{words.ask.command}</h3>
              <div className={css.boxed}>
                <Snippet deployment={data} language="curl" />
              </div>
            </div>
            <div className={css.end}>
              <Link
                to="/p/$project/deployments/$deployment"
                params={{ project, deployment }}
                className={classOf('filled')}
              >
                {say(words.ask.openDeployment, { deployment })}
              </Link>
              <Button onClick={() => openPush({ files: [], model: steps.model })}>{words.ask.pushNext}</Button>
              <span className="dim">{words.ask.endSays}</span>
            </div>
          </>
        )}
      </Reading>
    </>
  )
}

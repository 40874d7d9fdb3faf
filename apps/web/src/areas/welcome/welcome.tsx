import type { VersionNumber } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { say } from '../../strings/message.ts'
import { models as modelWords } from '../../strings/models.ts'
import { welcome as words } from '../../strings/welcome.ts'
import { Button } from '../../ui/button.tsx'
import { bytes } from '../../ui/numbers.ts'
import { versionQuery } from '../models/models.queries.ts'
import { SignatureTable } from '../models/signature-table.tsx'
import { AskStep } from './ask-step.tsx'
import { BringModel, cameOf } from './bring-model.tsx'
import { DeployStep } from './deploy-step.tsx'
import { Step } from './step.tsx'
import { STEPS, useSteps } from './use-steps.ts'
import type { StepName } from './use-steps.ts'
import css from './welcome.module.css'

/** From nothing to one's own model answering. */
export function WelcomePage() {
  const project = useProject()
  const steps = useSteps()
  const { now, model, version: number, deployment, isReached, go } = steps
  const reading = useQuery({
    ...versionQuery(project, model ?? ('' as never), number ?? (1 as VersionNumber)),
    enabled: model !== undefined && number !== undefined,
  })
  const version = model === undefined ? undefined : reading.data
  const stateOf = (name: StepName) =>
    name === now ? 'now' : isReached(name) && STEPS.indexOf(name) < STEPS.indexOf(now) ? 'done' : 'later'
  const of = (name: StepName) =>
    ({ name, is: stateOf(name), fails: words[name].fails, onOpen: () => go({ step: name }) }) as const
  return (
    <Page title={words.title}>
      <div className={css.page}>
        <div>
          <p className={css.lead}>{words.lead}</p>
          <p className="dim">
            {words.says} {say(words.inProject, { project })}
          </p>
        </div>
        <ol className={css.steps}>
          <Step {...of('model')} came={version && cameOf(version, bytes(version.size))}>
            <BringModel project={project} steps={steps} />
          </Step>
          <Step
            {...of('signature')}
            came={
              version &&
              say(words.signature.told, {
                inputs: version.signature.inputs.length,
                outputs: version.signature.outputs.length,
              })
            }
          >
            <p className="dim">{words.signature.says}</p>
            <Reading of={reading} what={modelWords.whatVersion} rows={3}>
              {(data) => (
                <div className={css.boxed}>
                  <SignatureTable signature={data.signature} other={undefined} />
                </div>
              )}
            </Reading>
            <div>
              <Button look="filled" onClick={() => go({ step: 'deploy' })}>
                {words.signature.looksRight}
              </Button>
            </div>
          </Step>
          <Step
            {...of('deploy')}
            came={
              deployment &&
              version &&
              say(words.deploy.told, { deployment, model: version.model, version: version.version })
            }
          >
            <Reading of={reading} what={modelWords.whatVersion} rows={3}>
              {(data) => <DeployStep project={project} version={data} steps={steps} />}
            </Reading>
          </Step>
          <Step {...of('ask')}>
            {deployment !== undefined && <AskStep project={project} deployment={deployment} steps={steps} />}
          </Step>
        </ol>
      </div>
    </Page>
  )
}

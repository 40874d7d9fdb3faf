import { createConsumerKey } from '@stead/contracts'
import type { Consumer, DeploymentName, ProjectName } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { consumers as words } from '../../strings/consumers.ts'
import { say } from '../../strings/message.ts'
import { tokens } from '../../strings/tokens.ts'
import { TextField, Tick } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { withScheme } from '../deployments/deployment-page.tsx'
import { deploymentsQuery } from '../deployments/deployment.queries.ts'
import { daysOf, ExpiryField } from '../tokens/expiry-field.tsx'
import type { Expiry } from '../tokens/expiry-field.tsx'
import { SecretShown } from '../tokens/secret-shown.tsx'
import css from '../tokens/tokens.module.css'

/** Makes a key for a consumer, and shows it. */
export function KeyAsk({
  project,
  consumer,
  onClose,
}: {
  project: ProjectName
  consumer: Consumer
  onClose: () => void
}) {
  const queries = useQueryClient()
  const all = useQuery(deploymentsQuery(project)).data?.deployments ?? []
  const [name, setName] = useState('')
  const [expiry, setExpiry] = useState<Expiry>('never')
  const [chosen, setChosen] = useState<readonly DeploymentName[] | null>(null)
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string }>()
  const form = useSubmit(['name', 'deployments'], { name_taken: 'name', deployment_not_found: 'deployments' })
  const { because } = useMay('consumer.change')
  if (made) {
    const example = all.find((one) => chosen === null || chosen.includes(one.name))
    const address = example?.urls[0] ? `${withScheme(example.urls[0].rest)}/v2/models/${example.name}` : 'RUNNER/v2'
    const use = `curl -H "Authorization: Bearer ${made.secret}" ${address}`
    return <SecretShown {...made} use={use} onClose={onClose} />
  }
  const wrong = {
    name: name.trim() === '' ? tokens.nameMissing : undefined,
    deployments: chosen?.length === 0 ? words.noDeployments : undefined,
  }
  const make = async () => {
    const key = await client.call(createConsumerKey, {
      params: { project, consumer: consumer.name },
      body: { name: name.trim(), deployments: chosen && [...chosen], days: daysOf(expiry) },
    })
    await queries.invalidateQueries({ queryKey: readings.consumers(project) })
    setMade(key)
  }
  return (
    <FormDialog
      title={say(words.newKeyTitle, { name: consumer.name })}
      act={words.makeKey}
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrong, make)}
      onClose={onClose}
    >
      <TextField
        label={tokens.name}
        hint={tokens.nameHint}
        value={name}
        error={form.problems.name}
        maxLength={100}
        autoComplete="off"
        onChange={(text) => {
          setName(text)
          form.mend('name')
        }}
      />
      <ExpiryField value={expiry} onChange={setExpiry} />
      <fieldset className={css.choice}>
        <legend>{words.deployments}</legend>
        <Segmented
          label={words.deployments}
          value={chosen === null ? 'all' : 'these'}
          options={[
            { value: 'all', label: words.allDeployments },
            { value: 'these', label: words.theseDeployments },
          ]}
          onChange={(which) => {
            setChosen(which === 'all' ? null : [])
            form.mend('deployments')
          }}
        />
        {chosen !== null && (
          <div className={css.nouns}>
            {all.map(({ name: deployment }) => (
              <Tick
                key={deployment}
                checked={chosen.includes(deployment)}
                onChange={(isOn) => {
                  setChosen(isOn ? [...chosen, deployment] : chosen.filter((one) => one !== deployment))
                  form.mend('deployments')
                }}
              >
                <span className="wrap">{deployment}</span>
              </Tick>
            ))}
          </div>
        )}
        {form.problems.deployments !== undefined && (
          <p className={css.error} role="alert">
            {form.problems.deployments}
          </p>
        )}
      </fieldset>
    </FormDialog>
  )
}

import { swapDeployment } from '@stead/contracts'
import { client } from '../../live/client.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { Banner } from '../../ui/waiting.tsx'
import { AskForm, useAsk } from './change-ask.tsx'
import type { AskProps } from './change-ask.tsx'
import { FiguresNow } from './change-figures.tsx'
import { useKept } from './change-kept.ts'
import { FromTo } from './change-tables.tsx'
import { ConfigFields, configPatch, configProblems, configText, patched } from './settings-tab-config.tsx'
import type { ConfigText } from './settings-tab-config.tsx'
import { sharesOf } from './states.ts'

const words = tabs.settings

/** Asks how a deployment is to serve: a swap to the version that serves, loaded anew with other settings. */
export function SettingsAsk(props: AskProps) {
  const { project, deployment, onClose } = props
  const { table, name } = deployment
  const ask = useAsk(props, 'settings')
  const [text, setText, forget] = useKept<ConfigText>(
    `settings ${project}/${name} g${table.generation}`,
    configText(table.config),
  )
  const main = sharesOf(table)[0]!.version as (typeof table.routes)[number]['version']
  const problem = Object.values(configProblems(text))[0]
  const patch = problem === undefined ? configPatch(text, table.config) : {}
  const after = {
    ...table,
    routes: [{ version: main, weight: 100 }],
    shadows: [],
    parked: null,
    config: patched(table.config, patch),
  }
  const endsSplit = table.routes.length > 1 || table.shadows.length > 0
  const submit = () => {
    forget()
    void ask.ask('swap', after, (idempotencyKey, onStage) =>
      client.follow(
        swapDeployment,
        {
          params: { project, deployment: name },
          body: {
            version: main,
            expectedGeneration: ask.expectedGeneration,
            repurpose: false,
            config: patch,
            reason: ask.reason,
          },
          idempotencyKey,
        },
        onStage,
      ),
    )
  }
  return (
    <AskForm
      title={say(words.changeTitle, { deployment: name })}
      says={say(words.changeSays, { version: String(main) })}
      act={words.changeAct}
      because={problem ?? (Object.keys(patch).length === 0 ? words.same : undefined)}
      ask={ask}
      onSubmit={submit}
      onClose={onClose}
    >
      {endsSplit && (
        <>
          <Banner is="attention">{say(words.endsSplit, { version: String(main) })}</Banner>
          <FromTo before={table} after={{ ...after, generation: ask.next as typeof table.generation }} />
        </>
      )}
      <ConfigFields text={text} onChange={setText} />
      <FiguresNow project={project} deployment={name} />
    </AskForm>
  )
}

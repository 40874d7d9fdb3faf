import type { Deployment } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callers as words } from '../../strings/callers.ts'
import { say } from '../../strings/message.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { goldenQuery } from './deployment.queries.ts'
import { LANGUAGES, snippetOf } from './snippets.ts'
import type { Language } from './snippets.ts'

/** How to call the deployment, ready to paste. */
export function SnippetsPanel({ deployment }: { deployment: Deployment }) {
  const [language, setLanguage] = useState<Language>('curl')
  return (
    <Panel
      title={words.title}
      acts={
        <Segmented
          label={words.language}
          value={language}
          options={LANGUAGES.map((value) => ({ value, label: words.languages[value] }))}
          onChange={setLanguage}
        />
      }
    >
      <Snippet deployment={deployment} language={language} />
    </Panel>
  )
}

/** The code of one language, or that there is nobody to call. */
export function Snippet({ deployment, language }: { deployment: Deployment; language: Language }) {
  const { project, name, urls } = deployment
  const example = useQuery(goldenQuery(project, name)).data?.golden[0]?.request
  const [runner] = urls
  if (!runner) return <Empty title={words.noRunner} says={words.noRunnerSays} command={words.runnerCommand} />
  return (
    <CodeBlock
      label={say(words.code, { language: words.languages[language] })}
      text={snippetOf(language, deployment, runner, example)}
    />
  )
}

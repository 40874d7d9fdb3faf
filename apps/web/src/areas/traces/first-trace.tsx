import { useProject } from '../../frame/project.ts'
import { traces as words } from '../../strings/traces.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { trackingUriOf } from '../runs/tracking-uri.ts'
import css from './traces.module.css'

/** How a first trace gets here, ready to be pasted. */
export function FirstTrace({ experiment }: { experiment: string | undefined }) {
  const project = useProject()
  const lines = [
    'import mlflow',
    `mlflow.set_tracking_uri(${quoted(trackingUriOf(project))})`,
    ...(experiment === undefined ? [] : [`mlflow.set_experiment(${quoted(experiment)})`]),
    '',
    '@mlflow.trace',
    'def answer(question):',
    '    return question.upper()',
    '',
    'answer("does it arrive?")',
  ]
  return (
    <div className={css.first}>
      <h2 className={css.firstTitle}>{words.first.title}</h2>
      <p className="dim">{words.first.says}</p>
      <CodeBlock label={words.first.label} text={lines.join('\n')} />
    </div>
  )
}

/** A text as Python reads it: JSON's escapes are among its own. */
const quoted = (text: string) => JSON.stringify(text)

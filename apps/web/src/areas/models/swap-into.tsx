import type { ModelName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ArrowLeftRight, Plus } from 'lucide-react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { Button } from '../../ui/button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { deploymentsQuery } from '../deployments/deployment.queries.ts'
import { VersionName } from '../deployments/version.tsx'
import { sharesOf } from '../deployments/states.ts'

const MOST = 40

/** Where a version can go: the deployments of its model, or all of them where there is none; each opens its dialog. */
export function SwapInto({ model, version }: { model: ModelName; version: number }) {
  const project = useProject()
  const navigate = useNavigate()
  const swap = useMay('deployment.swap').because
  const create = useMay('deployment.create').because
  const all = useQuery(deploymentsQuery(project)).data?.deployments ?? []
  const own = all.filter(({ table }) => table.model === model)
  const shown = (own.length > 0 ? own : all).slice(0, MOST)
  return (
    <Menu
      label={say(words.swapIntoLabel, { version })}
      trigger={
        <Button look="filled" icon={<ArrowLeftRight />}>
          {words.swapInto}
        </Button>
      }
      items={[
        ...shown.map(({ name, table }) => ({
          label: name,
          hint: <VersionName version={sharesOf(table)[0]?.version ?? 1} />,
          because: swap,
          onSelect: () =>
            void navigate({
              to: '/p/$project/deployments/$deployment',
              params: { project, deployment: name },
              search: { do: 'swap', to: String(version), ...(table.model === model ? {} : { model }) },
            }),
        })),
        {
          label: words.newDeployment,
          icon: <Plus />,
          because: create,
          onSelect: () =>
            void navigate({
              to: '/p/$project/deployments',
              params: { project },
              search: { do: 'create', model, to: String(version) },
            }),
        },
      ]}
    />
  )
}

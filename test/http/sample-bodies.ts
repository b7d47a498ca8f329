import type { House } from '../house.js';
import { callAt } from './calls.js';

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  minItems?: number;
  minLength?: number;
}

interface Description {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
  components: { schemas: Record<string, Schema> };
}

/** For each call of the API a body that its own description says is good, so that it is not the body that is refused. */
export async function sampleBodies(house: House): Promise<(method: string, path: string) => unknown> {
  const { paths, components } = (await callAt<Description>(house, 'GET', '/api/v1/openapi.json')).body;
  const sample = (schema: Schema): unknown => {
    if (schema.$ref) return sample(components.schemas[schema.$ref.split('/').at(-1)!]!);
    const [first] = schema.allOf ?? schema.oneOf ?? [];
    if (first) return sample(first);
    if (schema.enum) return schema.enum[0];
    switch (schema.type) {
      case 'array':
        return [sample(schema.items!)];
      case 'integer':
      case 'number':
        return schema.minimum ?? 1;
      case 'boolean':
        return false;
      case 'string':
        return textOf(schema);
      default:
        return Object.fromEntries(
          (schema.required ?? []).map((name) => [name, sample(schema.properties![name]!)]),
        );
    }
  };
  return (method, path) => {
    const route = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    const schema = route?.requestBody?.content['application/json']?.schema;
    return schema ? sample(schema) : {};
  };
}

function textOf({ format, minLength = 1 }: Schema): string {
  if (format === 'uuid') return '0193d000-0000-7000-8000-000000000000';
  if (format === 'date') return '2024-12-16';
  if (format === 'date-time') return '2024-12-16T00:00:00Z';
  if (format === 'email') return 'somebody@test.example';
  return 'x'.repeat(minLength);
}

/**
 * What the specification has got since the release whose schema templates/compose/compose-spec.json is. By the path in
 * the schema below which the properties go.
 */
export const newerAttributes: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  properties: { models: named({ $ref: '#/definitions/model' }) },
  'definitions.service.properties': {
    models: {
      oneOf: [
        { $ref: '#/definitions/list_of_strings' },
        named({ ...fields({ endpoint_var: text(), model_var: text() }), type: ['object', 'null'] }),
      ],
    },
    provider: {
      ...fields({ type: text(), options: { type: 'object' } }),
      required: ['type'],
    },
    pull_policy: {
      type: 'string',
      pattern: 'always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+',
    },
    use_api_socket: { type: ['boolean', 'string'] },
  },
  'definitions.service.properties.build.oneOf.1.properties': {
    provenance: { type: ['string', 'boolean'] },
    sbom: { type: ['string', 'boolean'] },
  },
  'definitions.service.properties.networks.oneOf.1.patternProperties.^[a-zA-Z0-9._-]+$.oneOf.0.properties': {
    interface_name: text(),
  },
  'definitions.service.properties.volumes.items.oneOf.1.properties': { image: fields({ subpath: text() }) },
  'definitions.service.properties.volumes.items.oneOf.1.properties.volume.properties': {
    labels: { $ref: '#/definitions/list_or_dict' },
  },
  'definitions.development.properties.watch.items.properties': {
    include: { $ref: '#/definitions/string_or_list' },
    ignore: { $ref: '#/definitions/string_or_list' },
    initial_sync: { type: 'boolean' },
  },
  definitions: {
    model: {
      ...fields({
        ...{ name: text(), model: text(), context_size: { type: 'integer' } },
        runtime_flags: { type: 'array', items: text() },
      }),
      required: ['model'],
    },
  },
};

function text(): object {
  return { type: 'string' };
}

function fields(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, additionalProperties: false, patternProperties: { '^x-': {} } };
}

function named(element: object): object {
  return { type: 'object', patternProperties: { '^[a-zA-Z0-9._-]+$': element } };
}

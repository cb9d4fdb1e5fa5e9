import type { Server, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthContract } from 'grpc-health-check';
import type { IDescriptorProto, IEnumDescriptorProto, IFileDescriptorProto } from 'protobufjs/ext/descriptor/index.js';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { contract } from '../../../codec/contract.js';

export type ReflectionStream = ServerDuplexStream<object, object>;
type ReflectionHandler = (stream: ReflectionStream) => void;

/** Server reflection, v1 and v1alpha: programs without our .proto ask the server for it. */
export function addReflection(server: Server): void {
  const described = linked({ ...contract, ...loadSync(healthContract) });
  new ReflectionService(described).addToServer({
    addService: (service: ServiceDefinition, handlers: Readonly<Record<string, ReflectionHandler>>) =>
      server.addService(
        service,
        Object.fromEntries(Object.entries(handlers).map(([method, handler]) => [method, paced(handler)])),
      ),
  });
}

/** Takes a question only while the answers are read: the package's handler would buffer them without bound [P12]. */
export function paced(handler: ReflectionHandler): ReflectionHandler {
  return (stream) => {
    const write = stream.write.bind(stream);
    stream.write = (answer: object): boolean => {
      const writable = write(answer);
      if (!writable) stream.pause();
      return writable;
    };
    stream.on('drain', () => stream.resume());
    handler(stream);
  };
}

const { FileDescriptorProto } = descriptor;

/**
 * The same definitions, with the descriptors of their files as a protobuf compiler would link them. Those that
 * proto-loader makes name types as they stand in the source, files without what they import, and the entries of maps
 * without the ending they must have; readers that link them (buf, grpcurl) find no service in such files.
 */
function linked(definition: PackageDefinition): PackageDefinition {
  const files = filesOf(definition);
  for (const file of files) for (const message of file.messageType ?? []) nameMapEntries(message);
  const declared = new Map(
    files.flatMap((file) => typeNames(scopeOf(file), file).map((name) => [name, file] as const)),
  );
  for (const file of files) link(file, declared);
  const fileDescriptorProtos = files.map((file) => Buffer.from(FileDescriptorProto.encode(file).finish()));
  return Object.fromEntries(
    Object.entries(definition).map(([name, entry]) => [name, { ...entry, fileDescriptorProtos } as typeof entry]),
  );
}

function filesOf(definition: PackageDefinition): IFileDescriptorProto[] {
  const byName = new Map<string, IFileDescriptorProto>();
  for (const { fileDescriptorProtos: encodings } of Object.values(definition)) {
    if (!Array.isArray(encodings)) continue;
    for (const encoding of encodings as Buffer[]) {
      const file = FileDescriptorProto.decode(encoding) as unknown as IFileDescriptorProto;
      byName.set(file.name ?? '', file);
    }
  }
  return [...byName.values()];
}

interface Declaring {
  readonly messageType?: IDescriptorProto[];
  readonly nestedType?: IDescriptorProto[];
  readonly enumType?: IEnumDescriptorProto[];
}

/** The full names of all types declared in `scope`, such as `.chit.v1.Event`. */
function typeNames(scope: string, { messageType = [], nestedType = [], enumType = [] }: Declaring): string[] {
  return [
    ...enumType.map(({ name }) => `${scope}.${name}`),
    ...[...messageType, ...nestedType].flatMap((message) => {
      const name = `${scope}.${message.name}`;
      return [name, ...typeNames(name, message)];
    }),
  ];
}

function scopeOf(file: IFileDescriptorProto): string {
  return file.package ? `.${file.package}` : '';
}

function nameMapEntries(message: IDescriptorProto): void {
  for (const nested of message.nestedType ?? []) {
    nameMapEntries(nested);
    if (!nested.options?.mapEntry || nested.name?.endsWith('Entry')) continue;
    const name = `${nested.name}Entry`;
    for (const field of message.field ?? []) if (field.typeName === nested.name) field.typeName = name;
    nested.name = name;
  }
}

/** Gives each reference of `file` its full name, and the file the others that it refers to. */
function link(file: IFileDescriptorProto, declared: ReadonlyMap<string, IFileDescriptorProto>): void {
  const imports = new Set<string>();
  /** What `reference` stands for in `scope`, or in the innermost scope around it in which something has that name. */
  const fullName = (reference: string, scope: string): string => {
    const name = reference.startsWith('.') ? reference : `${scope}.${reference}`;
    const declaring = declared.get(name);
    if (!declaring && scope) return fullName(reference, scope.slice(0, scope.lastIndexOf('.')));
    if (!declaring) throw new Error(`nothing declares the type ${reference} that ${file.name} refers to`);
    if (declaring !== file) imports.add(declaring.name ?? '');
    return name;
  };
  const linkMessage = (message: IDescriptorProto, scope: string): void => {
    const name = `${scope}.${message.name}`;
    for (const field of message.field ?? []) if (field.typeName) field.typeName = fullName(field.typeName, name);
    for (const nested of message.nestedType ?? []) linkMessage(nested, name);
  };
  const scope = scopeOf(file);
  for (const message of file.messageType ?? []) linkMessage(message, scope);
  for (const method of (file.service ?? []).flatMap((service) => service.method ?? [])) {
    method.inputType = fullName(method.inputType ?? '', scope);
    method.outputType = fullName(method.outputType ?? '', scope);
  }
  file.dependency = [...imports];
}

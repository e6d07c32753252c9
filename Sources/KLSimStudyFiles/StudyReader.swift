// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies

/// Makes a study of the YAML of a file.
struct StudyReader {
  /// The name of the file, for errors.
  let path: String

  /// The study, and the keys that say so.
  ///
  /// - Throws: `StudyFileError`.
  func study(_ root: YAMLValue) throws(StudyFileError) -> (Study, [StudyEntry]) {
    guard case .map(let pairs) = root.content else {
      throw error(root.place, "\(root.words) is no study; 'key: value' is expected")
    }
    var study = Study()
    for (name, value) in pairs where name.name == StudyKey.kind.name {
      _ = try take(value, of: .kind, at: name.place, to: &study)
    }
    let keys = StudyKey.all(of: study.experiment)
    var values: [String: (name: YAMLKey, value: YAMLValue)] = [:]
    for (name, value) in pairs {
      let key = try key(name, among: keys, study.experiment)
      if let other = values[key.name] {
        throw error(
          name.place, key: name.name,
          "\(other.name.name) in line \(other.name.place.line) is the same key; give it once")
      }
      values[key.name] = (name, value)
    }
    var entries: [StudyEntry] = []
    for key in keys {
      guard let (name, value) = values[key.name] else { continue }
      entries.append(try take(value, of: key, at: name.place, to: &study))
    }
    return (study, entries)
  }

  private func error(
    _ place: YAMLPlace, key: String? = nil, _ reason: String
  ) -> StudyFileError {
    StudyFileError(path: path, at: place, key: key, reason)
  }

  /// The key of a name.
  private func key(
    _ name: YAMLKey, among keys: [StudyKey], _ experiment: Study.Experiment
  ) throws(StudyFileError) -> StudyKey {
    if let key = keys.first(where: { $0.isNamed(name.name) }) { return key }
    let known = keys.map(\.name)
    let other = Study.Experiment.allCases.first { other in
      StudyKey.all(of: other).contains { $0.isNamed(name.name) }
    }
    let reason =
      if let stranger = StudyKey.strangers[name.name] {
        stranger
      } else if let other {
        "the experiment \(experiment.rawValue) has no such key; it is one of experiment: \(other.rawValue)"
      } else {
        "unknown key; known: \(known.joined(separator: ", "))" + known.suggestion(for: name.name)
      }
    throw error(name.place, key: name.shown, reason)
  }

  /// Takes the value of a key over.
  private func take(
    _ value: YAMLValue, of key: StudyKey, at place: YAMLPlace, to study: inout Study
  ) throws(StudyFileError) -> StudyEntry {
    var all: [StudyText] = []
    switch key.value {
    case .texts(let texts):
      all = try self.texts(value, of: texts, key: key.name)
      do throws(StudyKey.Unexpected) {
        try texts.set(&study, all.map(\.text))
      } catch {
        throw self.error(value.place, key: key.name, error.expected)
      }
    case .axes(let part):
      let groups: [YAMLValue] =
        if case .list(let groups) = value.content { groups } else { [value] }
      study[keyPath: part] = []
      for group in groups {
        let own = try axes(group, of: study.experiment, key: key.name)
        study[keyPath: part].append(own.mapValues { $0.map(\.text) })
        all += own.sorted { $0.key < $1.key }.flatMap(\.value)
      }
    }
    return StudyEntry(key: key, place: place, value: value, texts: all)
  }

  /// The values of axes in a map.
  private func axes(
    _ value: YAMLValue, of experiment: Study.Experiment, key: String
  ) throws(StudyFileError) -> [String: [StudyText]] {
    guard case .map(let pairs) = value.content else {
      throw error(
        value.place, key: key, "\(value.words) stands where a map from axes to values is expected")
    }
    let known = experiment.axes.map { StudyKey.axis($0) }
    var all: [String: [StudyText]] = [:]
    for (name, value) in pairs {
      guard let axis = known.first(where: { $0.isNamed(name.name) }),
        case .texts(let texts) = axis.value
      else {
        let names = known.map(\.name)
        throw error(
          name.place, key: "\(key), \(name.shown)",
          "it is no axis of the experiment \(experiment.rawValue); known:"
            + " \(names.joined(separator: ", "))" + names.suggestion(for: name.name))
      }
      guard all[axis.name] == nil else {
        throw error(name.place, key: "\(key), \(name.name)", "the axis is given twice")
      }
      all[axis.name] = try self.texts(value, of: texts, key: "\(key), \(axis.name)")
    }
    return all
  }

  /// The texts of a value, at least one: specifications one by one, others as one text.
  private func texts(
    _ value: YAMLValue, of texts: StudyKey.Texts, key: String
  ) throws(StudyFileError) -> [StudyText] {
    let scalars = try scalars(value, isList: texts.form.isList, key: key)
    var all: [StudyText] = []
    for (text, place) in scalars {
      if texts.form.isSplit {
        do throws(SpecificationError) {
          all += try Specification.list(text).map {
            StudyText(text: $0, place: place, check: texts.check)
          }
        } catch {
          throw self.error(place, key: key, error.description)
        }
      } else {
        all.append(StudyText(text: text, place: place, check: texts.check))
      }
    }
    guard !texts.form.isSplit, all.count > 1 else { return all }
    let joined = all.map(\.text).joined(separator: ",")
    return [StudyText(text: joined, place: value.place, check: texts.check)]
  }

  /// The scalars of a scalar or a list, at least one, none of them empty.
  private func scalars(
    _ value: YAMLValue, isList: Bool, key: String
  ) throws(StudyFileError) -> [(text: String, place: YAMLPlace)] {
    let items: [YAMLValue] =
      if isList, case .list(let items) = value.content { items } else { [value] }
    guard !items.isEmpty else { throw error(value.place, key: key, "the list has no value") }
    var all: [(String, YAMLPlace)] = []
    for item in items {
      guard case .text(let text) = item.content else {
        throw error(
          item.place, key: key,
          "\(item.words) stands where \(isList ? "a value or a list of values" : "one value") is expected"
        )
      }
      guard !text.isEmpty else { throw error(item.place, key: key, "a value is needed") }
      all.append((text, item.place))
    }
    return all
  }
}

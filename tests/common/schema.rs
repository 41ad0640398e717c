//! Checks of a JSON value against the keywords of JSON Schema (draft 2020-12) that docs/json uses; others are refused.

use serde_json::Value;

/// Keywords that say nothing of a value.
const WORDS: [&str; 3] = ["$schema", "title", "description"];

/// What in a value is not as the schema says, each with its place.
pub fn departures(schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let keywords = schema.as_object().unwrap_or_else(|| panic!("{place}: a schema is an object: {schema}"));
    let mut wrong = Vec::new();
    for (keyword, rule) in keywords {
        match keyword.as_str() {
            "type" => wrong.extend(wrong_type(rule, value, place)),
            "anyOf" => {
                let all: Vec<_> = rule.as_array().unwrap().iter().map(|one| departures(one, value, place)).collect();
                let none = all.iter().all(|found| !found.is_empty());
                wrong.extend(none.then(|| format!("{place} is in none of its forms: {all:?}")));
            }
            "enum" => {
                let known = rule.as_array().unwrap().contains(value);
                wrong.extend((!known).then(|| format!("{place} is none of {rule}: {value}")));
            }
            "required" => {
                let missing = |key: &&Value| value.is_object() && value.get(key.as_str().unwrap()).is_none();
                wrong
                    .extend(rule.as_array().unwrap().iter().filter(missing).map(|key| format!("{place} has no {key}")));
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                wrong.extend(items.flat_map(|(i, item)| departures(rule, item, &format!("{place}[{i}]"))));
            }
            "properties" | "patternProperties" | "additionalProperties" => {}
            word => assert!(WORDS.contains(&word), "{place}: this check does not know {word}"),
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let place = format!("{place}.{key}");
        match of_key(schema, key) {
            Some(rule) => wrong.extend(departures(rule, inner, &place)),
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                wrong.push(format!("{place} is a key that the schema does not have"));
            }
            None => {}
        }
    }
    wrong
}

/// The schema of a key: its own, or that of a pattern `^(A|B|C)$`, the only form used.
fn of_key<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    if let Some(own) = schema.get("properties").and_then(|own| own.get(key)) {
        return Some(own);
    }
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let matches = |pattern: &str| {
        let names = pattern.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$"));
        names.unwrap_or_else(|| panic!("a pattern of another form: {pattern}")).split('|').any(|name| name == key)
    };
    patterns.into_iter().flatten().find(|(pattern, _)| matches(pattern)).map(|(_, rule)| rule)
}

fn wrong_type(rule: &Value, value: &Value, place: &str) -> Option<String> {
    let kinds = rule.as_array().map_or(std::slice::from_ref(rule), Vec::as_slice);
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type: {other}"),
    };
    (!kinds.iter().any(is)).then(|| format!("{place} is no {rule}: {value}"))
}

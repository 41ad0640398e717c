//! What a picture says about itself: in text chunks of a PNG, in `<metadata>` of an SVG, in the properties of a PDF.

use super::bitmap::drawing_failed;
use super::text::escaped;
use crate::error::Result;

/// Program and version that drew a picture.
pub(super) const SOFTWARE: &str = concat!("hopfmap ", env!("CARGO_PKG_VERSION"));

/// Where a picture comes from. What is empty is not written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The command that drew it.
    pub command: String,
    /// The file with its data: name and fingerprint.
    pub data: String,
    /// The request that the data answer, as TOML, or the command that made them.
    pub request: String,
}

impl About {
    /// Names and texts, those that are not empty, with a picture's title and subtitle.
    fn entries<'a>(&'a self, title: &'a str, subtitle: &'a str) -> Vec<(&'static str, &'a str)> {
        let all = [
            ("Title", title),
            ("Description", subtitle),
            ("Command", &self.command),
            ("Data", &self.data),
            ("Request", &self.request),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The keywords of a PDF.
    pub(super) fn keywords(&self) -> Vec<String> {
        self.entries("", "").into_iter().map(|(name, text)| format!("{name}: {text}")).collect()
    }

    /// Puts the texts before the pixels of a PNG.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if one cannot be packed (not expected).
    pub(super) fn add_to<W: std::io::Write>(
        &self,
        encoder: &mut png::Encoder<'_, W>,
        (title, subtitle): (&str, &str),
    ) -> Result<()> {
        encoder.add_text_chunk("Software".into(), SOFTWARE.into()).map_err(drawing_failed)?;
        let mut add = |(name, text): (&str, &str)| encoder.add_itxt_chunk(name.into(), text.into());
        self.entries(title, subtitle).into_iter().try_for_each(&mut add).map_err(drawing_failed)
    }

    /// The `<metadata>` of an SVG: Dublin Core, as other programs read it.
    pub(super) fn svg(&self, title: &str, subtitle: &str) -> String {
        let element = |name: &str, text: &str| match text {
            "" => String::new(),
            text => format!("<dc:{name}>{}</dc:{name}>\n", escaped(text)),
        };
        let mut source = self.entries("", "");
        let source: Vec<String> = source.drain(..).map(|(name, text)| format!("{name}: {text}")).collect();
        format!(
            "<metadata><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><rdf:Description rdf:about=\"\">\n{}{}{}{}</rdf:Description></rdf:RDF></metadata>\n",
            element("title", title),
            element("description", subtitle),
            element("creator", SOFTWARE),
            source.iter().map(|text| element("source", text)).collect::<String>()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said_and_nothing_else() {
        let about = About { command: "hopfmap plot <a&b>.h5".into(), ..About::default() };
        assert_eq!(about.keywords(), ["Command: hopfmap plot <a&b>.h5"]);
        let svg = about.svg("Span", "");
        assert!(svg.contains("<dc:title>Span</dc:title>") && svg.contains("&lt;a&amp;b&gt;"), "{svg}");
        assert!(svg.contains(SOFTWARE) && !svg.contains("dc:description") && !svg.contains("Data"), "{svg}");
    }
}

// A chain file cut to what is whole.
#include "chains/trim.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <fmt/format.h>

#include "chains/checked.hpp"
#include "chains/skeleton.hpp"
#include "chains/stored_fit.hpp"
#include "tarn/runtime.hpp"

namespace tarn::io {
namespace {

/// The group whose draws_done counts for `group`: the one of the same phase of the run.
std::string statistics_of(const std::string& group) {
  if (group.starts_with("warmup_")) return "warmup_sample_stats";
  if (group == "prior" || group == "prior_predictive" || group == "sample_stats_prior") {
    return "sample_stats_prior";
  }
  return "sample_stats";
}

class TrimmedCopy {
 public:
  TrimmedCopy(const std::filesystem::path& from, const std::filesystem::path& to,
              const std::vector<std::size_t>& chains, std::size_t most, hdf5::ErrorTrap& trap)
      : in_(hdf5::open_file(from)),
        out_(hdf5::create_file(to)),
        chains_(chains),
        trap_(trap),
        fit_(in_, fmt::format("'{}'", from.string()), mutex_, chains) {
    fit_.draws = std::min(fit_.draws, most);
    std::vector<Extent> extents = fit_.posterior->extents();
    for (Extent& extent : fit_.statistics->extents()) extents.push_back(std::move(extent));
    for (Extent& extent : extents) extent[1] = fit_.draws;
    digests_ = std::make_unique<RunningDigests>(DigestPlan(fit_.draws, extents), chains.size());
  }

  void run() {
    copy_attributes(in_, out_);
    for (const std::string& name : hdf5::links(in_)) {
      if (hdf5::is_group(in_, name)) {
        copy_group(name);
      } else {
        copy_dataset(hdf5::open_dataset(in_, name), out_, name, {});
      }
      trap_.check();
    }
    out_.close();
    trap_.check();
  }

 private:
  void copy_group(const std::string& name) {
    const H5::Group from = in_.openGroup(name);
    const H5::Group to = hdf5::create_group(out_, name);
    copy_attributes(from, to);
    whole_draws_ = whole_draws(statistics_of(name));
    hdf5::Scales scales;
    std::map<std::string, H5::DataSet> copied_scales;
    for (const std::string& link : hdf5::links(from)) {
      if (!hdf5::is_dataset(from, link)) continue;
      const H5::DataSet dataset = hdf5::open_dataset(from, link);
      if (name == statistics_name && link == digest_name) {
        const H5::DataSet copy = create_digests(to, copied_scales.at(std::string(chain_name)),
                                                copied_scales.at(std::string(digest_axis)));
        write_digests(copy);
        continue;
      }
      if (hdf5::is_scale(dataset)) {
        scales.add(dataset, link);
        copied_scales[link] = copy_scale(dataset, to, link);
      } else {
        const auto axes = scales.on(dataset);
        const H5::DataSet copy = copy_dataset(dataset, to, link, axes);
        for (unsigned axis = 0; axis < axes.size(); ++axis) {
          const auto scale = copied_scales.find(axes[axis]);
          if (scale != copied_scales.end()) hdf5::attach_scale(copy, scale->second, axis);
        }
        if (link == done_name) {
          const std::vector<std::int64_t> done(chains_.size(),
                                               static_cast<std::int64_t>(whole_draws_));
          copy.write(done.data(), H5::PredType::NATIVE_INT64);
        }
      }
    }
  }

  /// Of the draws that are kept, as they are read: what differs from its own digest is not copied.
  void write_digests(const H5::DataSet& into) {
    const Layout& posterior = fit_.posterior->layout();
    std::vector<std::size_t> offsets;
    for (std::size_t b = 0; b < posterior.blocks(); ++b) offsets.push_back(posterior.offset(b));
    const std::size_t step = batch_length(fit_.draws);
    for (std::size_t c = 0; c < chains_.size(); ++c) {
      for (std::size_t first = 0; first < fit_.draws; first += step) {
        const auto count = as_index(std::min(step, fit_.draws - first));
        Matrix theta(as_index(posterior.size()), count);
        Matrix statistics(as_index(fit_.statistics->layout().size()), count);
        fit_.posterior->read_draws(chains_[c], first, theta);
        fit_.statistics->read_draws(chains_[c], first, statistics);
        digests_->add(c, first, theta, offsets, statistics);
      }
    }
    digests_->write(into);
  }

  hsize_t whole_draws(const std::string& statistics) const {
    if (statistics == statistics_name) return fit_.draws;
    const std::vector<std::int64_t> done =
        hdf5::read_integers(hdf5::open_dataset(in_.openGroup(statistics), std::string(done_name)));
    std::int64_t least = done.at(chains_.front());
    for (const std::size_t chain : chains_) least = std::min(least, done.at(chain));
    return static_cast<hsize_t>(least);
  }

  H5::DataSet copy_scale(const H5::DataSet& from, const H5::Group& to, const std::string& name) {
    if (name == chain_name || name == draw_name || name == digest_axis) {
      H5::DataSet scale = create_numbered_scale(to, name,
                                                name == chain_name  ? chains_.size()
                                                : name == draw_name ? whole_draws_
                                                                    : digests_->plan().length());
      copy_attributes(from, scale);
      return scale;
    }
    H5::DataSet scale = copy_dataset(from, to, name, {});
    hdf5::make_scale(scale, name);
    return scale;
  }

  H5::DataSet copy_dataset(const H5::DataSet& from, const H5::Group& to, const std::string& name,
                           const std::vector<std::string>& axes) {
    Extent lengths = hdf5::extent(from);
    const bool by_chain = !axes.empty() && axes[0] == chain_name;
    const bool by_draw = by_chain && axes.size() > 1 && axes[1] == draw_name;
    if (by_chain) lengths[0] = chains_.size();
    if (by_draw) lengths[1] = whole_draws_;

    const H5::DataType type = from.getDataType();
    const bool text = type.getClass() == H5T_STRING;
    std::vector<char> fill(type.getSize());
    if (!text) from.getCreatePlist().getFillValue(type, fill.data());
    H5::DataSet copy =
        hdf5::create_dataset(to, name, type, lengths, by_draw ? chunk_of(lengths) : Extent{},
                             text ? nullptr : fill.data());
    copy_attributes(from, copy);
    if (text) {
      hdf5::write_texts(copy, hdf5::read_texts(from));
    } else if (by_chain) {
      copy_chains(from, copy, lengths, by_draw);
    } else {
      std::vector<char> values(from.getInMemDataSize());
      from.read(values.data(), type);
      copy.write(values.data(), type);
    }
    return copy;
  }

  /// Chain by chain, a chunk of draws at a time.
  void copy_chains(const H5::DataSet& from, const H5::DataSet& to, const Extent& lengths,
                   bool by_draw) const {
    const H5::DataType type = from.getDataType();
    const hsize_t draws = by_draw ? lengths[1] : 1;
    const hsize_t step = by_draw ? batch_length(lengths[1]) : 1;
    hsize_t row = type.getSize();
    for (std::size_t axis = by_draw ? 2 : 1; axis < lengths.size(); ++axis) row *= lengths[axis];
    std::vector<char> values(row * step);
    const H5::DataSpace in_space = from.getSpace(), out_space = to.getSpace();
    for (std::size_t c = 0; c < chains_.size(); ++c) {
      for (hsize_t first = 0; first < draws; first += step) {
        Extent start(lengths.size(), 0), count = lengths;
        count[0] = 1;
        if (by_draw) {
          start[1] = first;
          count[1] = std::min(step, draws - first);
        }
        start[0] = chains_[c];
        in_space.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
        start[0] = c;
        out_space.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
        const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
        from.read(values.data(), type, memory, in_space);
        to.write(values.data(), type, memory, out_space);
        trap_.check();
      }
    }
  }

  /// All but those that bind variables to scales.
  static void copy_attributes(const H5::H5Object& from, const H5::H5Object& to) {
    for (int i = 0; i < from.getNumAttrs(); ++i) {
      const H5::Attribute attribute = from.openAttribute(static_cast<unsigned>(i));
      const std::string name = attribute.getName();
      if (name == "CLASS" || name == "NAME" || name == "DIMENSION_LIST" ||
          name == "REFERENCE_LIST" || to.attrExists(name)) {
        continue;
      }
      const H5::DataType type = attribute.getDataType();
      const H5::DataSpace space = attribute.getSpace();
      std::vector<char> value(attribute.getInMemDataSize());
      attribute.read(type, value.data());
      to.createAttribute(name, type, space).write(type, value.data());
      if (type.isVariableStr()) H5::DataSet::vlenReclaim(value.data(), type, space);
    }
  }

  H5::H5File in_, out_;
  const std::vector<std::size_t>& chains_;
  const hdf5::ErrorTrap& trap_;
  std::mutex mutex_;
  StoredFit fit_;
  std::unique_ptr<RunningDigests> digests_;
  hsize_t whole_draws_ = 0;  // of the group being copied
};

}  // namespace

void copy_trimmed(const std::filesystem::path& from, const std::filesystem::path& to,
                  const std::vector<std::size_t>& chains, std::size_t most, hdf5::ErrorTrap& trap) {
  TrimmedCopy(from, to, chains, most, trap).run();
}

}  // namespace tarn::io
